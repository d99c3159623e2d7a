import type { Call } from "@partake/rpc";
import { ownParticipations } from "./own.ts";
import { NOTE_KINDS, POST_KINDS, type PostEntry } from "./store/entries.ts";

/** Which posts and comments the caller may read, as a filter of entries. */
export function readablePosts(call: Call): Record<string, unknown> {
  return { $or: [ofKinds(POST_KINDS, call.visible("post.read")), ofKinds(["comment"], call.visible("comment.read"))] };
}

/** Which entries of a timeline the caller may read: notes have their own rule, which no participant ever meets. (C4, C5) */
export function readableTimeline(call: Call): Record<string, unknown> {
  return { $or: [readablePosts(call), ofKinds(NOTE_KINDS, call.visible("timeline.read"))] };
}

function ofKinds(kinds: readonly string[], visible: Record<string, unknown>): Record<string, unknown> {
  return { $and: [{ kind: { $in: kinds } }, visible] };
}

/** As whom somebody writes on a post: for the team, as the participant whose post it is, or as a peer of theirs. */
export type Writer = { part: "staff" } | { part: "participant" } | { part: "peer"; participationId: string };

/** After `post.comment` was decided. The staff's rule for it is the one for notes; whoever else may comment takes part. */
export function writerOn(post: PostEntry, call: Call): Writer {
  const own = ownParticipations(call);
  if (own.some(({ participationId }) => participationId === post.participationId)) return { part: "participant" };
  if (call.may("note.create", post)) return { part: "staff" };
  const peer = own.find(({ projectId, peerReview }) => projectId === post.projectId && peerReview);
  return peer ? { part: "peer", participationId: peer.participationId } : { part: "staff" };
}
