import type { Parts, Running } from "@partake/service";
import { type Transaction, trusted } from "@partake/store";
import { emptyEnded } from "@partake/uploads";
import { posts } from "./store/entries.ts";
import { type FileRecord, files, fileUploads } from "./store/files.ts";

/** Of a project that was removed for good and of a closed organisation the files go; nobody reaches what they were shown in. (P6, X7) */
export function emptying(parts: Parts, everyMs: number): Running {
  return emptyEnded(parts, { records: files, remove, everyMs });
}

/** The posts that showed them name them no more: a file's name may say something of a person, too. */
async function remove(tx: Transaction, gone: readonly FileRecord[]): Promise<void> {
  const ids = new Set(gone.map(({ _id }) => _id));
  const postIds = [...new Set(gone.flatMap(({ postId }) => postId ?? []))];
  for (const post of await tx.find(posts, { _id: trusted({ $in: postIds }) }))
    await tx.update(posts, post, { files: post.files.filter(({ id }) => !ids.has(id)) });
  await fileUploads.remove(tx, gone);
}
