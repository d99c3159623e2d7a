import type { Services } from "@partake/contract";
import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import type { Transaction } from "@partake/store";
import { type Writer, writerOn } from "../access.ts";
import { joined } from "../domain/threads.ts";
import { commentLogged, commentPosted } from "../outcomes.ts";
import type { Showing } from "../showing.ts";
import {
  type CommentEntry,
  comments,
  entries,
  isComment,
  isPost,
  type PostEntry,
  posts,
  readAgain,
  scopeOf,
} from "../store/entries.ts";
import { participations } from "../store/participations.ts";

type Comments = Pick<Implementation<"Progress">, "createComment" | "listComments">;
type CreateComment = Services["Progress"]["createComment"]["request"];

/** Comments on posts, and replies to them. (G5, G7) */
export function commentsApi({ store }: Parts, showing: Showing): Comments {
  async function postOf(postId: string): Promise<PostEntry | undefined> {
    const entry = await store.get(entries, postId);
    return isPost(entry) ? entry : undefined;
  }

  /** A reply answers a comment on the same post that its writer can see; any other is not there. */
  async function checkReply({ postId, replyTo }: CreateComment, call: Call): Promise<void> {
    if (replyTo === undefined) return;
    const parent = await store.get(entries, replyTo);
    const isHere = isComment(parent) && parent.postId === postId && call.may("comment.read", parent);
    if (!isHere) throw failure("not_found", "not_found");
  }

  return {
    async createComment(request, call: Call) {
      const post = await postOf(request.postId);
      call.decide(post);
      await checkReply(request, call);
      const writer = writerOn(post, call);
      const before = await store.get(entries, request.id);
      const { id } = await store.write(call, async (tx) => {
        const comment = before ? await readAgain(tx, before) : await made(tx, { request, call, writer });
        return (await tx.insert(entries, comment))._id;
      });
      const comment = await store.get(entries, id);
      if (!isComment(comment)) throw failure("conflict", "id_taken");
      const [shown] = await showing.comments([comment], call);
      if (!shown) throw failure("not_found", "not_found");
      return shown;
    },

    async listComments({ postId, limit, cursor }, call: Call) {
      call.decide(await postOf(postId));
      const page = await store.list(comments, {
        visible: call.visible("comment.read"),
        filter: { kind: "comment", postId },
        sort: { field: "createdAt", direction: 1 },
        limit,
        cursor,
        call,
      });
      return { items: await showing.comments(page.items, call), nextCursor: page.nextCursor };
    },
  };
}

interface Making {
  request: CreateComment;
  call: Call;
  writer: Writer;
}

/** The comment with all that is written beside it: the post's count and people, its events. */
async function made(tx: Transaction, { request, call, writer }: Making): Promise<CommentEntry> {
  const { id: _id, postId, replyTo, text } = request;
  const ownerId = call.actorId;
  const post = await tx.get(posts, postId);
  const participation = post && (await tx.get(participations, post.participationId));
  if (!post || !participation) throw failure("not_found", "not_found");
  const comment: CommentEntry = {
    _id,
    version: 1,
    kind: "comment",
    ...(await scopeFor(tx, { post, writer })),
    ownerId,
    staffOnly: false,
    part: writer.part === "staff" ? "staff" : "participant",
    postId,
    postContactId: post.contactId,
    ...(replyTo !== undefined && { replyTo }),
    text,
    recordedAt: tx.now,
    createdAt: tx.now,
  };
  await tx.update(posts, post, {
    commentCount: post.commentCount + 1,
    threadUserIds: joined(post.threadUserIds, ownerId),
  });
  if (participation.pseudonym !== undefined) tx.emit(commentPosted(comment, participation.pseudonym));
  tx.emit(commentLogged(comment, post));
  return comment;
}

/**
 * Staff's comments are between them and the person; a participant's own are seen as far as their posts are; a peer's as far as
 * the peer lets theirs be seen. (G6)
 */
async function scopeFor(tx: Transaction, { post, writer }: { post: PostEntry; writer: Writer }) {
  switch (writer.part) {
    case "staff":
      return { ...scopeOf(post), peerReview: false };
    case "participant":
      return scopeOf(post);
    case "peer": {
      const peer = await tx.get(participations, writer.participationId);
      if (!peer) throw failure("not_found", "not_found");
      return scopeOf(peer);
    }
    default:
      return writer satisfies never;
  }
}
