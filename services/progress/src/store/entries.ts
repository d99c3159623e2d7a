import { failure } from "@partake/failure";
import type { CollectionDefinition, Stored, Transaction } from "@partake/store";
import { Schema } from "mongoose";
import type { PostKind } from "../domain/posts.ts";
import type { AnswerValue } from "../domain/values.ts";

export const POST_KINDS: readonly PostKind[] = ["answer", "story", "tip"];
export type NoteKind = "case_note" | "staff_post";
export const NOTE_KINDS: readonly NoteKind[] = ["case_note", "staff_post"];
export type Part = "participant" | "staff";

export interface FileSummary {
  id: string;
  name: string;
  mediaType: string;
  size: number;
  sha256: string;
  version: number;
}

/**
 * Whatever a timeline shows, in one collection, so that one filter of access and one order hold for all of it. What decides
 * access stands at the top level under the names of RecordScope. A comment by another participant carries the scope of its
 * author, so that their peer review decides who sees it; any other comment that of the post.
 */
interface Entry extends Stored {
  organisationId: string;
  projectId?: string;
  boardId?: string;
  contactId: string;
  contactProjectIds: string[];
  contactUserId?: string;
  participationId?: string;
  ownerId: string;
  peerReview: boolean;
  staffOnly: boolean;
  part: Part;
  recordedAt: Date;
  createdAt: Date;
}

export interface PostEntry extends Entry {
  kind: PostKind;
  projectId: string;
  boardId: string;
  participationId: string;
  subjectId?: string;
  value?: AnswerValue;
  narrative: string;
  files: FileSummary[];
  commentCount: number;
  /** Who wrote it and who commented. */
  threadUserIds: string[];
}

export interface CommentEntry extends Entry {
  kind: "comment";
  projectId: string;
  boardId: string;
  participationId: string;
  postId: string;
  /** The contact whose post it is on. */
  postContactId: string;
  replyTo?: string;
  text: string;
}

export interface NoteEntry extends Entry {
  kind: NoteKind;
  staffOnly: true;
  text: string;
}

export type EntryRecord = PostEntry | CommentEntry | NoteEntry;

/** The scope of access that a record carries, to be given to another. */
export function scopeOf(
  record: Pick<PostEntry, "organisationId" | "projectId" | "boardId" | "participationId"> & ContactPart,
) {
  const { organisationId, projectId, boardId, participationId, contactId, contactProjectIds, contactUserId } = record;
  const contact = { contactId, contactProjectIds, ...(contactUserId !== undefined && { contactUserId }) };
  return { organisationId, projectId, boardId, participationId, ...contact, peerReview: record.peerReview };
}

type ContactPart = Pick<PostEntry, "contactId" | "contactProjectIds" | "contactUserId" | "peerReview">;

export function isPost(entry: EntryRecord | undefined): entry is PostEntry {
  return entry !== undefined && POST_KINDS.some((kind) => kind === entry.kind);
}

export function isComment(entry: EntryRecord | undefined): entry is CommentEntry {
  return entry?.kind === "comment";
}

const value = new Schema<AnswerValue>(
  { number: Number, text: String, date: String, choices: { type: [String], default: undefined }, yes: Boolean },
  { _id: false },
);

const file = new Schema<FileSummary>(
  { id: String, name: String, mediaType: String, size: Number, sha256: String, version: Number },
  { _id: false, id: false },
);

export const entries: CollectionDefinition<EntryRecord> = {
  name: "entries",
  schema: new Schema({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    kind: { type: String, required: true },
    organisationId: { type: String, required: true },
    projectId: String,
    boardId: String,
    contactId: { type: String, required: true },
    contactProjectIds: { type: [String], required: true },
    contactUserId: String,
    participationId: String,
    ownerId: { type: String, required: true },
    peerReview: { type: Boolean, required: true },
    staffOnly: { type: Boolean, required: true },
    part: { type: String, required: true },
    recordedAt: { type: Date, required: true },
    createdAt: { type: Date, required: true },
    subjectId: String,
    value,
    narrative: String,
    files: { type: [file], default: undefined },
    commentCount: Number,
    threadUserIds: { type: [String], default: undefined },
    postId: String,
    postContactId: String,
    replyTo: String,
    text: String,
  }) as unknown as Schema<EntryRecord>,
  indexes: [
    // A contact's timeline, and its scope when that changes.
    { keys: { contactId: 1, recordedAt: -1, _id: -1 } },
    // The comments on a post, oldest first.
    { keys: { postId: 1, createdAt: 1, _id: 1 }, where: { kind: "comment" } },
    // What others wrote on a contact's posts, when the contact is deleted.
    { keys: { postContactId: 1 }, where: { kind: "comment" } },
    // Charts, own newsfeed.
    { keys: { participationId: 1, subjectId: 1, recordedAt: -1 }, where: { kind: "answer" } },
    { keys: { participationId: 1, recordedAt: -1, _id: -1 } },
    // What peers of a project wrote.
    { keys: { projectId: 1, recordedAt: -1, _id: -1 }, where: { peerReview: true } },
  ],
};

/** The same collection, seen as one kind of entries: for inserting and changing them. */
export const posts = entries as unknown as CollectionDefinition<PostEntry>;
export const comments = entries as unknown as CollectionDefinition<CommentEntry>;
export const notes = entries as unknown as CollectionDefinition<NoteEntry>;

/** For a repeat: what has that id already, if it has it still. What was erased since it was looked for does not come back. */
export async function readAgain(tx: Transaction, { _id }: EntryRecord): Promise<EntryRecord> {
  const entry = await tx.get(entries, _id);
  if (!entry) throw failure("not_found", "not_found");
  return entry;
}
