import { asFailure, failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { positionOf } from "../domain/order.ts";
import { scopeChanged } from "../outcomes.ts";
import { place } from "../placing.ts";
import { answerWith, decidedFolder, decidedProject, live, openFolder, present } from "../reading.ts";
import { shownFolder } from "../showing.ts";
import { type FolderRecord, folders, takeTurn } from "../store/folders.ts";
import { isLive, type ProjectRecord, projects } from "../store/projects.ts";

type Places = Pick<Implementation<"Projects">, "moveProject" | "placeProject" | "placeFolder">;

/** Where projects lie, and in which order projects and folders come. (P1) */
export function placesApi({ store }: Parts): Places {
  return {
    async moveProject({ projectId, folderId }, call) {
      const { organisationId } = await decidedProject(store, projectId, call);
      await decideDestination(folderId, call);
      await store.write(call, async (tx) => {
        const project = live(await tx.get(projects, projectId));
        if (project.parentFolderId === folderId) return projectId;
        if (folderId !== undefined) {
          await openFolder(tx, folderId, organisationId);
          await takeTurn(tx, folderId);
        }
        const moved = await tx.update(projects, project, { parentFolderId: folderId });
        tx.emit(scopeChanged(moved));
        tx.audit({
          action: "project.moved",
          organisationId,
          subjectId: projectId,
          ...(folderId && { scope: folderId }),
        });
        return projectId;
      });
      return answerWith(store, projectId, call);
    },

    async placeProject({ projectId, afterProjectId }, call) {
      await decidedProject(store, projectId, call);
      const behindId = await seenProject(afterProjectId, call);
      await store.write(call, async (tx) => {
        const record: ProjectRecord = live(await tx.get(projects, projectId));
        const behind = behindId === undefined ? undefined : await tx.get(projects, behindId);
        if (behindId !== undefined && !(behind && isLive(behind))) throw failure("not_found", "project_not_found");
        const group = { parentFolderId: record.parentFolderId ?? null };
        const changes = (order: string) => ({ order });
        await place(tx, { collection: projects, kind: "project", record, behind, group, changes });
        return projectId;
      });
      return answerWith(store, projectId, call);
    },

    async placeFolder({ folderId, afterFolderId }, call) {
      await decidedFolder(store, { folderId }, call);
      const behindId = await seenFolder(afterFolderId, call);
      await store.write(call, async (tx) => {
        const record = present(await tx.get(folders, folderId));
        const behind = behindId === undefined ? undefined : await tx.get(folders, behindId);
        if (behindId !== undefined && behind?.deletedAt !== undefined) throw failure("not_found", "folder_not_found");
        const changes = (order: string) => ({ order, position: positionOf(order) });
        await place(tx, { collection: folders, kind: "folder", record, behind, group: {}, changes });
        return folderId;
      });
      return shownFolder(present(await store.get(folders, folderId)));
    },
  };

  /** The other end of a move: who may not create a project there may not bring one. A hidden folder answers as none. */
  async function decideDestination(folderId: string | undefined, call: Call): Promise<void> {
    const { organisationId } = call;
    if (folderId === undefined) return call.decide({ organisationId }, "project.create");
    const folder = await store.get(folders, folderId);
    const found = folder?.deletedAt === undefined ? folder : undefined;
    try {
      call.decide(found, "project.create");
    } catch (thrown) {
      if (asFailure(thrown).code === "not_found") throw failure("not_found", "folder_not_found");
      throw thrown;
    }
    if (found.status === "archived") throw failure("unprocessable", "folder_archived");
  }

  /** What somebody else's project comes after is told to nobody who does not see it. */
  async function seenProject(projectId: string | undefined, call: Call): Promise<string | undefined> {
    if (projectId === undefined) return undefined;
    const project = await store.get(projects, projectId);
    if (project && isLive(project) && call.may("project.read", project)) return projectId;
    throw failure("not_found", "project_not_found");
  }

  async function seenFolder(folderId: string | undefined, call: Call): Promise<string | undefined> {
    if (folderId === undefined) return undefined;
    const folder: FolderRecord | undefined = await store.get(folders, folderId);
    if (folder && folder.deletedAt === undefined && call.may("folder.read", folder)) return folderId;
    throw failure("not_found", "folder_not_found");
  }
}
