import { setTimeout as sleep } from "node:timers/promises";
import { eachDue, type Parts, type Running } from "@partake/service";
import { type CollectionDefinition, type Stored, type Transaction, trusted } from "@partake/store";
import { retireImage } from "./imaging.ts";
import { folderRemoved, scopeChanged } from "./outcomes.ts";
import { deletionRequests } from "./store/deletion-requests.ts";
import { type FolderRecord, folders } from "./store/folders.ts";
import { follows } from "./store/follows.ts";
import { type ProjectRecord, projects } from "./store/projects.ts";

const atOnce = 50;
const leaseMs = 60_000;
const forgottenAtOnce = 500;

type RemovalParts = Pick<Parts, "store" | "clock" | "log">;

/** Removes for good what was deleted 30 days ago; one replica at a time, a bounded number in each round. (P6) */
export function removal(parts: RemovalParts, everyMs: number): Running {
  return parts.store.lead(
    "remove-deleted",
    async (signal) => {
      while (!signal.aborted) {
        const removed = await removeDue(parts);
        if (removed > 0) parts.log.info({ removed }, "deleted projects and folders removed for good");
        if (removed < atOnce) await sleep(everyMs, undefined, { signal }).catch(() => undefined);
      }
    },
    { leaseMs },
  );
}

async function removeDue(parts: RemovalParts): Promise<number> {
  const { store, clock } = parts;
  const due = { removeAt: trusted({ $lte: clock.now() }) };
  const oldest = { limit: atOnce, sort: { removeAt: 1 } } as const;
  const cause = { actorId: "service:projects", traceparent: undefined };
  const removedProjects = await eachDue(parts, {
    name: "project-removals",
    find: (_id) => store.find(projects, { ...due, _id }, oldest),
    work: async ({ _id }) => {
      await forgetAll({ store }, follows, _id);
      await forgetAll({ store }, deletionRequests, _id);
      await store.write(cause, async (tx) => removeProject(tx, await tx.get(projects, _id)));
    },
  });
  const removedFolders = await eachDue(parts, {
    name: "folder-removals",
    find: (_id) => store.find(folders, { ...due, _id }, oldest),
    work: ({ _id }) => store.write(cause, async (tx) => removeFolder(tx, await tx.get(folders, _id))),
  });
  return Math.max(removedProjects, removedFolders);
}

/** What people wrote goes. The id stays, with the word that it is deleted: whoever holds a role in it may never see it again. */
async function removeProject(tx: Transaction, project: ProjectRecord | undefined): Promise<string> {
  if (project?.removeAt === undefined || project.removeAt > tx.now) return project?._id ?? "";
  const { _id, organisationId } = project;
  await retireImage(tx, project.imageId);
  const nothing = { title: "", titleKey: "", titleWords: [], description: "" };
  const gone = {
    startsOn: undefined,
    endsOn: undefined,
    statusBefore: undefined,
    imageId: undefined,
    removeAt: undefined,
  };
  tx.emit(scopeChanged(await tx.update(projects, project, { ...nothing, ...gone })));
  tx.audit({ action: "project.removed", organisationId, subjectId: _id });
  return _id;
}

async function removeFolder(tx: Transaction, folder: FolderRecord | undefined): Promise<string> {
  if (folder?.removeAt === undefined || folder.removeAt > tx.now) return folder?._id ?? "";
  const { _id, organisationId } = folder;
  await retireImage(tx, folder.imageId);
  const gone = { title: "", titleWords: [], description: "", imageId: undefined, removeAt: undefined };
  await tx.update(folders, folder, gone);
  tx.emit(folderRemoved(folder));
  tx.audit({ action: "folder.removed", organisationId, subjectId: _id });
  return _id;
}

/** Before the project itself, so that a crash in between leaves nothing over. */
async function forgetAll<T extends Stored>(
  { store }: Pick<RemovalParts, "store">,
  collection: CollectionDefinition<T>,
  projectId: string,
): Promise<void> {
  const cause = { actorId: "service:projects", traceparent: undefined };
  for (let left = forgottenAtOnce; left === forgottenAtOnce; ) {
    await store.write(cause, async (tx) => {
      const found = await tx.find(collection, { projectId }, { limit: forgottenAtOnce });
      for (const record of found) await tx.remove(collection, record);
      left = found.length;
      return projectId;
    });
  }
}
