import { asFailure, failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { trusted } from "@partake/store";
import { begin, revise } from "../domain/project.ts";
import { scopeChanged } from "../outcomes.ts";
import { folders } from "../store/folders.ts";
import { isLive, type LiveProject, type ProjectRecord, projects } from "../store/projects.ts";

type Projects = Pick<
  Implementation<"Projects">,
  "createProject" | "getProject" | "listProjects" | "updateProject" | "moveProject"
>;

/** The project is there already: its creator does not wait long for what the event brings anyway. */
const CREATOR_ROLE_MS = 1_500;

/** Projects, in folders and outside of any. (P2) */
export function projectsApi(parts: Parts): Projects {
  const { store, clients, log } = parts;
  return {
    async createProject({ id: _id, folderId, ...given }, call: Call) {
      const { organisationId, actorId: ownerId } = call;
      const content = begin(given);
      const { id, repeated } = await store.write(call, async (tx) => {
        const folder = folderId === undefined ? undefined : await tx.get(folders, folderId);
        if (folderId !== undefined && folder?.organisationId !== organisationId)
          throw failure("not_found", "not_found");
        const owned = { _id, projectId: _id, organisationId, ownerId, createdAt: tx.now };
        const place = folderId === undefined ? {} : { parentFolderId: folderId };
        const project = await tx.insert(projects, { ...owned, ...place, ...content });
        tx.emit(scopeChanged(project));
        tx.audit({ action: "project.created", organisationId, subjectId: _id, ...(folderId && { scope: folderId }) });
        return _id;
      });
      if (!repeated) await giveCreatorRole(id, call);
      const project = live(await store.get(projects, id));
      // A repeat is answered to whoever may still read it, and shows its maker at most what they sent themselves.
      if (repeated && project.version > 1) call.decide(project, "project.read");
      return shown(project);
    },

    async getProject({ projectId }, call) {
      return shown(await decided(projectId, call));
    },

    async listProjects({ folderId, status, limit, cursor }, call) {
      const page = await store.list(projects, {
        visible: call.visible(),
        filter: {
          status: status ?? trusted({ $ne: "deleted" }),
          ...(folderId !== undefined && { parentFolderId: folderId }),
        },
        limit,
        cursor,
        caller: call.caller,
      });
      return { items: page.items.filter(isLive).map(shown), nextCursor: page.nextCursor };
    },

    async updateProject({ projectId, ...patch }, call) {
      await decided(projectId, call);
      await store.write(call, async (tx) => {
        const project = live(await tx.get(projects, projectId));
        const changes = revise(project, patch);
        const changed = await tx.update(projects, project, changes);
        if (changes.status !== undefined || changes.visibility !== undefined) tx.emit(scopeChanged(changed));
        const { organisationId } = project;
        tx.audit({ action: "project.changed", organisationId, subjectId: projectId });
        return projectId;
      });
      return shown(live(await store.get(projects, projectId)));
    },

    async moveProject({ projectId, folderId }, call) {
      const { organisationId } = await decided(projectId, call);
      await decideDestination(folderId, call);
      await store.write(call, async (tx) => {
        const project = live(await tx.get(projects, projectId));
        if (project.parentFolderId === folderId) return projectId;
        const moved = await tx.update(projects, project, { parentFolderId: folderId } as Partial<ProjectRecord>);
        tx.emit(scopeChanged(moved));
        tx.audit({
          action: "project.moved",
          organisationId,
          subjectId: projectId,
          ...(folderId && { scope: folderId }),
        });
        return projectId;
      });
      return shown(live(await store.get(projects, projectId)));
    },
  };

  /** The project, decided on as it is stored: the check before the handler knew no more than its id. */
  async function decided(projectId: string, call: Call): Promise<LiveProject> {
    const project = await store.get(projects, projectId);
    const found = project && isLive(project) ? project : undefined;
    call.decide(found);
    return found;
  }

  /** The other end of a move: who may not create a project there may not bring one. A hidden folder answers as none. */
  async function decideDestination(folderId: string | undefined, call: Call): Promise<void> {
    const { organisationId } = call;
    if (folderId === undefined) return call.decide({ organisationId }, "project.create");
    const folder = await store.get(folders, folderId);
    try {
      call.decide(folder, "project.create");
    } catch (thrown) {
      if (asFailure(thrown).code === "not_found") throw failure("not_found", "folder_not_found");
      throw thrown;
    }
  }

  /** The event guarantees it; the call makes it so before the answer, and may fail without harm. */
  async function giveCreatorRole(projectId: string, call: Call): Promise<void> {
    const { organisationId, actorId: userId } = call;
    const request = { organisationId, userId, role: "manager", scope: projectId, projectId } as const;
    await clients.Identity.giveCreatorRole(request, { on: call, timeoutMs: CREATOR_ROLE_MS }).catch(
      (thrown: unknown) => {
        const { code, reason } = asFailure(thrown);
        log.warn({ code, reason, requestId: call.requestId }, "the creator's role follows by event");
      },
    );
  }
}

function live(project: ProjectRecord | undefined): LiveProject {
  if (!project || !isLive(project)) throw failure("not_found", "not_found");
  return project;
}

function shown(project: LiveProject) {
  const { _id: id, organisationId, parentFolderId, title, description, status, visibility, version } = project;
  const { startsOn, endsOn, createdAt } = project;
  return {
    ...{ id, organisationId, title, description, status, visibility, version },
    ...(parentFolderId !== undefined && { folderId: parentFolderId }),
    ...(startsOn !== undefined && { startsOn }),
    ...(endsOn !== undefined && { endsOn }),
    createdAt: createdAt.toISOString(),
  };
}
