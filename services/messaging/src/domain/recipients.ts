/** What of an activity decides who is told. */
export interface Said {
  kind: "post.created" | "comment.created" | "note.created";
  actorId: string;
  contactUserId?: string | undefined;
  threadUserIds: readonly string[];
  staffOnly: boolean;
  projectId?: string | undefined;
  postId?: string | undefined;
}

export interface Recipient {
  userId: string;
  kind: "comment" | "reply";
  /** Whether an e-mail goes out, too. */
  byMail: boolean;
}

/**
 * Who is told of an activity, before their rights are looked at: of a comment on a person's post that person; of what the
 * person themselves answers, those who wrote in the thread. Nobody of their own doing, nobody of what is only for staff. (G5, E8)
 */
export function recipientsOf(said: Said): Recipient[] {
  const { kind, actorId, contactUserId, threadUserIds, staffOnly } = said;
  if (staffOnly || kind !== "comment.created" || !said.projectId || !said.postId || !contactUserId) return [];
  if (actorId !== contactUserId) return [{ userId: contactUserId, kind: "comment", byMail: true }];
  const others = new Set(threadUserIds.filter((userId) => userId !== actorId));
  return [...others].map((userId) => ({ userId, kind: "reply", byMail: false }));
}
