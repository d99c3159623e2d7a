import type { Outgoing } from "@partake/store";
import { publishedNumber } from "./domain/values.ts";
import type { CommentEntry, NoteEntry, PostEntry } from "./store/entries.ts";

/** An answer as outside systems learn of it: by pseudonym, with a figure only where the organisation publishes it. (X1) */
export function answerRecorded(
  post: PostEntry,
  { pseudonym, published }: { pseudonym: string; published: boolean },
): Outgoing {
  const value = published ? publishedNumber(post.value) : undefined;
  return {
    type: "org.partake.progress.answer-recorded.v1",
    data: {
      pseudonym,
      organisationId: post.organisationId,
      projectId: post.projectId,
      answerId: post._id,
      subjectId: post.subjectId ?? "",
      ...(value !== undefined && { value }),
      hasNarrative: post.narrative.trim() !== "",
      fileCount: post.files.length,
      recordedBy: post.part,
      recordedAt: post.recordedAt.toISOString(),
      version: post.version,
    },
  };
}

export function storyPosted(post: PostEntry, pseudonym: string): Outgoing {
  return {
    type: "org.partake.progress.story-posted.v1",
    data: {
      pseudonym,
      organisationId: post.organisationId,
      projectId: post.projectId,
      postId: post._id,
      kind: post.kind === "tip" ? "tip" : "story",
      fileCount: post.files.length,
      recordedBy: post.part,
      recordedAt: post.recordedAt.toISOString(),
      version: post.version,
    },
  };
}

/** Under the pseudonym of the person whose post it is on. */
export function commentPosted(comment: CommentEntry, pseudonym: string): Outgoing {
  return {
    type: "org.partake.progress.comment-posted.v1",
    data: {
      pseudonym,
      organisationId: comment.organisationId,
      projectId: comment.projectId,
      postId: comment.postId,
      commentId: comment._id,
      writtenBy: comment.part,
      recordedAt: comment.recordedAt.toISOString(),
      version: comment.version,
    },
  };
}

export function postLogged(post: PostEntry): Outgoing {
  return activity({ kind: "post.created", about: post, entry: post });
}

/** About the contact whose post it is on, so that it reaches them. */
export function commentLogged(comment: CommentEntry, post: PostEntry): Outgoing {
  return activity({ kind: "comment.created", about: post, entry: comment, thread: post });
}

/** A note goes to no outside system at all; inside, only that there is one. (C5) */
export function noteLogged(note: NoteEntry): Outgoing {
  return activity({ kind: "note.created", about: note, entry: note });
}

/** As many as an event may name. */
const PROJECTS_MAXIMUM = 200;

function activity(of: {
  kind: "post.created" | "comment.created" | "note.created";
  about: PostEntry | NoteEntry;
  entry: PostEntry | CommentEntry | NoteEntry;
  thread?: PostEntry;
}): Outgoing {
  const { kind, about, entry, thread } = of;
  return {
    type: "org.partake.activity.recorded.v1",
    data: {
      contactId: about.contactId,
      organisationId: about.organisationId,
      ...(about.projectId && { projectId: about.projectId }),
      ...(about.participationId && { participationId: about.participationId }),
      kind,
      recordId: entry._id,
      ...(thread && { postId: thread._id }),
      actorId: entry.ownerId,
      ...(about.contactUserId && { contactUserId: about.contactUserId }),
      threadUserIds: thread?.threadUserIds ?? [],
      contactProjectIds: about.contactProjectIds.slice(0, PROJECTS_MAXIMUM),
      staffOnly: entry.staffOnly,
      recordedAt: entry.createdAt.toISOString(),
    },
  };
}
