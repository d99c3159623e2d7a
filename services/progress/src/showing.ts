import type { Services } from "@partake/contract";
import type { Call } from "@partake/rpc";
import type { Parts, People } from "@partake/service";
import { trusted } from "@partake/store";
import {
  type CommentEntry,
  comments,
  type EntryRecord,
  type FileSummary,
  isComment,
  isPost,
  type NoteEntry,
  type PostEntry,
} from "./store/entries.ts";
import { readTitles } from "./subjects.ts";

export type Post = Services["Progress"]["getPost"]["response"];
export type Comment = Services["Progress"]["createComment"]["response"];
export type TimelineEntry = Services["Progress"]["createNote"]["response"];
export type ShownFile = Services["Progress"]["getFile"]["response"];

/** Entries as the caller gets them: with the names of their authors, and of comments only as many as the caller may read. */
export interface Showing {
  posts(entries: readonly PostEntry[], call: Call): Promise<Post[]>;
  comments(entries: readonly CommentEntry[], call: Call): Promise<Comment[]>;
  timeline(entries: readonly EntryRecord[], call: Call): Promise<TimelineEntry[]>;
}

const COMMENTS_MAXIMUM = 10_000;

interface Details {
  names: ReadonlyMap<string, string>;
  counts: ReadonlyMap<string, number>;
  /** What is asked, by the ids of metrics and questions. */
  titles: ReadonlyMap<string, string>;
}

export function showing({ store }: Pick<Parts, "store">, people: People): Showing {
  async function detailsOf(shown: readonly EntryRecord[], call: Call): Promise<Details> {
    const posts = shown.filter(isPost);
    const [names, counts, titles] = await Promise.all([
      people.names(
        shown.map(({ ownerId }) => ownerId),
        call,
      ),
      countComments(posts, call),
      readTitles(store, { ids: posts.flatMap(({ subjectId }) => subjectId ?? []), call }),
    ]);
    return { names, counts, titles };
  }

  /** What a caller may not read does not count either: a number would tell of it. (C5, G6) */
  async function countComments(posts: readonly PostEntry[], call: Call): Promise<ReadonlyMap<string, number>> {
    const postIds = posts.flatMap(({ _id, commentCount }) => (commentCount > 0 ? [_id] : []));
    const counts = new Map<string, number>();
    if (postIds.length === 0) return counts;
    const of = { kind: "comment", postId: trusted({ $in: postIds }) };
    const filter = { $and: [of, trusted(call.visible("comment.read"))] };
    const found = await store.find(comments, filter, { limit: COMMENTS_MAXIMUM, call });
    for (const { postId } of found) counts.set(postId, (counts.get(postId) ?? 0) + 1);
    return counts;
  }

  return {
    async posts(entries, call) {
      const details = await detailsOf(entries, call);
      return entries.map((entry) => shownPost(entry, details));
    },
    async comments(entries, call) {
      const details = await detailsOf(entries, call);
      return entries.map((entry) => shownComment(entry, details));
    },
    async timeline(entries, call) {
      const details = await detailsOf(entries, call);
      return entries.map((entry) => shownEntry(entry, details));
    },
  };
}

function shownEntry(entry: EntryRecord, details: Details): TimelineEntry {
  const { _id: id, kind, projectId } = entry;
  const recordedAt = entry.recordedAt.toISOString();
  const head = { id, kind, ...(projectId && { projectId }), recordedAt };
  if (isPost(entry)) return { ...head, post: shownPost(entry, details) };
  if (isComment(entry)) return { ...head, comment: shownComment(entry, details) };
  return { ...head, note: shownNote(entry, details) };
}

function shownPost(entry: PostEntry, details: Details): Post {
  const { _id: id, projectId, participationId, contactId, kind, subjectId, value, narrative, version } = entry;
  const subjectTitle = subjectId && details.titles.get(subjectId);
  return {
    ...{ id, projectId, participationId, contactId, kind, narrative, version },
    ...(subjectId && { subjectId }),
    ...(subjectTitle && { subjectTitle }),
    ...(value && { value: { ...value, choices: value.choices ?? [] } }),
    files: entry.files.map((file) => shownFile(file, projectId)),
    author: authorOf(entry, details),
    recordedAt: entry.recordedAt.toISOString(),
    createdAt: entry.createdAt.toISOString(),
    commentCount: details.counts.get(id) ?? 0,
  };
}

function shownComment(entry: CommentEntry, details: Details): Comment {
  const { _id: id, postId, replyTo, text, version } = entry;
  const createdAt = entry.createdAt.toISOString();
  return { id, postId, ...(replyTo && { replyTo }), text, author: authorOf(entry, details), createdAt, version };
}

function shownNote(entry: NoteEntry, details: Details) {
  const { _id: id, contactId, text, version } = entry;
  return { id, contactId, text, author: authorOf(entry, details), createdAt: entry.createdAt.toISOString(), version };
}

/** A file that a post names is stored. */
function shownFile(file: FileSummary, projectId: string): ShownFile {
  return { ...file, projectId, state: "stored" };
}

function authorOf({ ownerId, part }: EntryRecord, { names }: Details) {
  return { userId: ownerId, name: names.get(ownerId) ?? "", part };
}
