import type { Services } from "@partake/contract";
import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Transaction, trusted } from "@partake/store";
import { checkAnswer, checkPost } from "../domain/posts.ts";
import { recordedTime } from "../domain/recorded-time.ts";
import { refused } from "../domain/refusal.ts";
import { type AnswerValue, fitValue } from "../domain/values.ts";
import { answerRecorded, postLogged, storyPosted } from "../outcomes.ts";
import { ownParticipations } from "../own.ts";
import type { Showing } from "../showing.ts";
import { boards } from "../store/boards.ts";
import { entries, type FileSummary, isPost, type PostEntry, readAgain, scopeOf } from "../store/entries.ts";
import { files } from "../store/files.ts";
import { type ParticipationRecord, participations } from "../store/participations.ts";
import { askedBy, readSubjects } from "../subjects.ts";

type Posts = Pick<Implementation<"Progress">, "createPost" | "getPost">;
type CreatePost = Services["Progress"]["createPost"]["request"];

/** What participants log, or staff on their behalf. (G4, G8) */
export function postsApi({ store, clock }: Parts, showing: Showing): Posts {
  return {
    async createPost(request, call: Call) {
      const participation = await store.get(participations, request.participationId);
      call.decide(participation);
      checkPost(request);
      const recordedAt = recordedTime(request.recordedAt, clock.now());
      // The same request again is the same post, even if the board has changed since.
      const before = await store.get(entries, request.id);
      const answer = before ? {} : await answerOf(request, participation, call);
      const { id } = await store.write(call, async (tx) => {
        const making = { request, call, participation, recordedAt, ...answer };
        const post = before ? await readAgain(tx, before) : await made(tx, making);
        return (await tx.insert(entries, post))._id;
      });
      return shownPost(id, call);
    },

    getPost: ({ postId }, call) => shownPost(postId, call),
  };

  async function shownPost(id: string, call: Call) {
    const entry = await store.get(entries, id);
    const post = isPost(entry) ? entry : undefined;
    call.decide(post, "post.read");
    const [shown] = await showing.posts([post], call);
    if (!shown) throw failure("not_found", "not_found");
    return shown;
  }

  /** Holds an answer against the card of the board that it is for; a card of another board is none. */
  async function answerOf(request: CreatePost, of: ParticipationRecord, call: Call): Promise<Answer> {
    const { boardId, projectId } = of;
    const { kind, subjectId } = request;
    if (kind !== "answer" || subjectId === undefined) return {};
    const [board, subjects] = await Promise.all([
      store.get(boards, boardId),
      readSubjects(store, { projectId, ids: [subjectId], call }),
    ]);
    const subject = subjects.get(subjectId);
    const isOnBoard = board?.cards.some((card) => card.subjectId === subjectId) ?? false;
    if (!subject || !isOnBoard) throw failure("unprocessable", "not_on_board");
    const asked = askedBy(subject);
    checkAnswer(asked, request);
    const value = fitValue(request.value, asked);
    return { ...(value && { value }), published: (subject.metric ?? subject.question).published };
  }
}

interface Answer {
  value?: AnswerValue;
  published?: boolean;
}

interface Making extends Answer {
  request: CreatePost;
  call: Call;
  participation: ParticipationRecord;
  recordedAt: Date;
}

/** The post with all that is written beside it: its files, its events. */
async function made(tx: Transaction, making: Making): Promise<PostEntry> {
  const { request, call, recordedAt, value, published = false } = making;
  const { id: _id, kind, subjectId, narrative } = request;
  const participation = await tx.get(participations, making.participation._id);
  if (!participation) throw failure("not_found", "not_found");
  const { pseudonym } = participation;
  if (participation.place !== "on_board" || pseudonym === undefined) throw failure("unprocessable", "not_on_board");
  const isOwn = ownParticipations(call).some((own) => own.participationId === participation._id);
  const post: PostEntry = {
    _id,
    version: 1,
    kind,
    ...scopeOf(participation),
    ...(isOwn && { contactUserId: call.actorId }),
    ownerId: call.actorId,
    staffOnly: false,
    part: isOwn ? "participant" : "staff",
    ...(subjectId !== undefined && { subjectId }),
    ...(value && { value }),
    narrative,
    files: await attached(tx, { post: request, ownerId: call.actorId }),
    commentCount: 0,
    threadUserIds: [call.actorId],
    recordedAt,
    createdAt: tx.now,
  };
  tx.emit(kind === "answer" ? answerRecorded(post, { pseudonym, published }) : storyPosted(post, pseudonym));
  tx.emit(postLogged(post));
  return post;
}

/** The files that a post names, from now on its own: each stored, of the same person, for the same participation, and free. */
async function attached(
  tx: Transaction,
  { post, ownerId }: { post: CreatePost; ownerId: string },
): Promise<FileSummary[]> {
  const { fileIds, participationId } = post;
  if (fileIds.length === 0) return [];
  const found = await tx.find(files, { _id: trusted({ $in: fileIds }), participationId, ownerId });
  const stored = new Map(found.filter(({ state }) => state === "stored").map((file) => [file._id, file]));
  const summaries: FileSummary[] = [];
  for (const [index, fileId] of fileIds.entries()) {
    const file = stored.get(fileId);
    // Of this very post it may be already, where the same request came twice at once.
    if (!file || !(file.loose || file.postId === post.id)) {
      const message = "You uploaded no such file for this, or it is used already.";
      throw refused("unknown_file", { pointer: `/fileIds/${index}`, code: "not_allowed", message });
    }
    const { version } = file.loose ? await tx.update(files, file, { loose: false, postId: post.id }) : file;
    const { _id: id, name, mediaType, size, sha256 } = file;
    summaries.push({ id, name, mediaType, size, sha256, version });
  }
  return summaries;
}
