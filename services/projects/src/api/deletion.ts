import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { trusted } from "@partake/store";
import { checkRestorable, deletion } from "../domain/deletion.ts";
import { scopeChanged } from "../outcomes.ts";
import { answerWith, decidedFolder, decidedProject, live, present } from "../reading.ts";
import { shownFolder } from "../showing.ts";
import { type FolderRecord, folders, takeTurn } from "../store/folders.ts";
import { isLive, type ProjectRecord, projects } from "../store/projects.ts";
import { grantOpenRequest } from "./deletion-requests.ts";

type Deleting = Pick<
  Implementation<"Projects">,
  "deleteProject" | "restoreProject" | "listDeletedProjects" | "deleteFolder" | "restoreFolder" | "listDeletedFolders"
>;

/** Deleting and restoring: the admins' alone. (P6, R17) */
export function deletionApi({ store, clock }: Parts): Deleting {
  return {
    async deleteProject({ projectId }, call) {
      const { organisationId } = await decidedProject(store, projectId, call);
      await store.write(call, async (tx) => {
        const project = live(await tx.get(projects, projectId));
        const changes = { status: "deleted", statusBefore: project.status, ...deletion(tx.now) } as const;
        tx.emit(scopeChanged(await tx.update<ProjectRecord>(projects, project, changes)));
        tx.audit({ action: "project.deleted", organisationId, subjectId: projectId });
        await grantOpenRequest(tx, projectId, call.actorId);
        return projectId;
      });
      return {};
    },

    async restoreProject({ projectId }, call: Call) {
      const project = await store.get(projects, projectId);
      call.decide(project);
      await store.write(call, async (tx) => {
        const deleted = await tx.get(projects, projectId);
        if (!deleted) throw failure("not_found", "not_found");
        if (isLive(deleted)) return projectId;
        checkRestorable(deleted, tx.now);
        const { statusBefore = "draft", parentFolderId, organisationId } = deleted;
        const folder = parentFolderId === undefined ? undefined : await tx.get(folders, parentFolderId);
        if (folder) await takeTurn(tx, folder._id);
        const isFolderGone = parentFolderId !== undefined && (folder === undefined || folder.deletedAt !== undefined);
        const changes = {
          ...{ status: statusBefore, statusBefore: undefined, deletedAt: undefined, removeAt: undefined },
          ...(isFolderGone && { parentFolderId: undefined }),
        };
        tx.emit(scopeChanged(await tx.update(projects, deleted, changes)));
        tx.audit({ action: "project.restored", organisationId, subjectId: projectId });
        return projectId;
      });
      return answerWith(store, projectId, call);
    },

    async listDeletedProjects({ limit, cursor }, call) {
      const page = await store.list(projects, {
        visible: call.visible(),
        filter: { removeAt: trusted({ $gt: clock.now() }) },
        sort: { field: "deletedAt", direction: -1 },
        limit,
        cursor,
        call,
      });
      const items = page.items.map((project) => ({
        ...shownDeletion(project),
        ...(project.parentFolderId !== undefined && { folderId: project.parentFolderId }),
      }));
      return { items, nextCursor: page.nextCursor };
    },

    async deleteFolder({ folderId }, call) {
      const { organisationId } = await decidedFolder(store, { folderId }, call);
      await store.write(call, async (tx) => {
        const folder = present(await tx.get(folders, folderId));
        await takeTurn(tx, folderId);
        const inside = { organisationId, deletedAt: null, parentFolderId: folderId };
        const [project] = await tx.find(projects, inside, { limit: 1 });
        if (project) throw failure("unprocessable", "folder_not_empty");
        await tx.update(folders, folder, deletion(tx.now));
        tx.audit({ action: "folder.deleted", organisationId, subjectId: folderId });
        return folderId;
      });
      return {};
    },

    async restoreFolder({ folderId }, call: Call) {
      const found = await store.get(folders, folderId);
      call.decide(found);
      await store.write(call, async (tx) => {
        const folder = await tx.get(folders, folderId);
        if (!folder) throw failure("not_found", "not_found");
        if (folder.deletedAt === undefined) return folderId;
        checkRestorable(folder, tx.now);
        const changes = { deletedAt: undefined, removeAt: undefined };
        await tx.update(folders, folder, changes);
        tx.audit({ action: "folder.restored", organisationId: folder.organisationId, subjectId: folderId });
        return folderId;
      });
      return shownFolder(present(await store.get(folders, folderId)));
    },

    async listDeletedFolders({ limit, cursor }, call) {
      const page = await store.list(folders, {
        visible: call.visible(),
        filter: { removeAt: trusted({ $gt: clock.now() }) },
        sort: { field: "deletedAt", direction: -1 },
        limit,
        cursor,
        call,
      });
      return { items: page.items.map(shownDeletion), nextCursor: page.nextCursor };
    },
  };
}

function shownDeletion({ _id: id, title, deletedAt, removeAt }: ProjectRecord | FolderRecord) {
  return { id, title, deletedAt: deletedAt?.toISOString() ?? "", restorableUntil: removeAt?.toISOString() ?? "" };
}
