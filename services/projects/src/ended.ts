import type { Parts, Running } from "@partake/service";
import type { Transaction } from "@partake/store";
import { emptyEnded } from "@partake/uploads";
import { type FolderRecord, folders } from "./store/folders.ts";
import { type ImageRecord, images, imageUploads } from "./store/images.ts";
import { type ProjectRecord, projects } from "./store/projects.ts";

/** Of a closed organisation the pictures go; nobody reaches what showed them. (X7) */
export function emptying(parts: Parts, everyMs: number): Running {
  return emptyEnded(parts, { records: images, remove, everyMs });
}

async function remove(tx: Transaction, gone: readonly ImageRecord[]): Promise<void> {
  for (const { _id, shownOn } of gone) {
    if (shownOn.startsWith("fld_")) {
      const folder = await tx.get(folders, shownOn);
      if (folder?.imageId === _id) await tx.update<FolderRecord>(folders, folder, { imageId: undefined });
    } else {
      const project = await tx.get(projects, shownOn);
      if (project?.imageId === _id) await tx.update<ProjectRecord>(projects, project, { imageId: undefined });
    }
  }
  await imageUploads.remove(tx, gone);
}
