import { asFailure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type ListOptions, type Store, trusted } from "@partake/store";
import { placeOfNew } from "../domain/order.ts";
import { begin, revise } from "../domain/project.ts";
import { titleKey, titleWords } from "../domain/title.ts";
import { scopeChanged } from "../outcomes.ts";
import { answerWith, decidedFolder, decidedProject, live, openFolder, titleFilter } from "../reading.ts";
import { shownProject } from "../showing.ts";
import { takeTurn } from "../store/folders.ts";
import { FOLLOWS_MAXIMUM, follows } from "../store/follows.ts";
import { isLive, type ProjectRecord, projects } from "../store/projects.ts";

type Projects = Pick<Implementation<"Projects">, "createProject" | "getProject" | "listProjects" | "updateProject">;
type Listing = Parameters<Projects["listProjects"]>[0];

/** The project is there already: its creator does not wait long for what the event brings anyway. */
const CREATOR_ROLE_MS = 1_500;

const sorts: Record<string, ListOptions["sort"]> = {
  newest: { field: "_id", direction: -1 },
  place: { field: "order", direction: 1 },
  title: { field: "titleKey", direction: 1 },
};

/** Projects, in folders and outside of any. (P2) */
export function projectsApi(parts: Parts): Projects {
  const { store, clients, log } = parts;
  return {
    async createProject({ id: _id, folderId, ...given }, call: Call) {
      const { organisationId, actorId: ownerId } = call;
      const content = begin(given);
      const { id, repeated } = await store.write(call, async (tx) => {
        if (folderId !== undefined) {
          await openFolder(tx, folderId, organisationId);
          await takeTurn(tx, folderId);
        }
        const owned = { _id, projectId: _id, organisationId, ownerId, createdAt: tx.now };
        const place = { order: placeOfNew(tx.now), ...(folderId !== undefined && { parentFolderId: folderId }) };
        const project = await tx.insert(projects, { ...owned, ...place, ...content, ...searched(content.title) });
        tx.emit(scopeChanged(project));
        tx.audit({ action: "project.created", organisationId, subjectId: _id, ...(folderId && { scope: folderId }) });
        return _id;
      });
      if (!repeated) await giveCreatorRole(id, call);
      const project = live(await store.get(projects, id));
      // A repeat is answered to whoever may still read it, and shows its maker at most what they sent themselves.
      if (repeated && project.version > 1) call.decide(project, "project.read");
      return shownProject(project, false);
    },

    async getProject({ projectId }, call) {
      const project = await decidedProject(store, projectId, call);
      const followed = await followedAmong(store, [project], call);
      return shownProject(project, followed.has(projectId));
    },

    async listProjects(request, call) {
      const { limit, cursor, sort = "newest" } = request;
      const page = await store.list(projects, {
        visible: call.visible(),
        filter: await filterOf(store, request, call),
        sort: sorts[sort] ?? { field: "_id", direction: -1 },
        limit,
        cursor,
        call,
      });
      const items = page.items.filter(isLive);
      const followed = await followedAmong(store, items, call);
      return {
        items: items.map((project) => shownProject(project, followed.has(project._id))),
        nextCursor: page.nextCursor,
      };
    },

    async updateProject({ projectId, clear, ...patch }, call) {
      await decidedProject(store, projectId, call);
      await store.write(call, async (tx) => {
        const project = live(await tx.get(projects, projectId));
        const changes = revise(project, patch, clear);
        const { organisationId } = project;
        const { title, status, visibility } = changes;
        const changed = await tx.update(projects, project, { ...changes, ...(title !== undefined && searched(title)) });
        if (status !== undefined || visibility !== undefined) tx.emit(scopeChanged(changed));
        tx.audit({ action: "project.changed", organisationId, subjectId: projectId });
        if (status !== undefined) tx.audit({ action: statusActions[status], organisationId, subjectId: projectId });
        if (visibility !== undefined)
          tx.audit({ action: "project.visibility_changed", organisationId, subjectId: projectId, scope: visibility });
        return projectId;
      });
      return answerWith(store, projectId, call);
    },
  };

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

const statusActions = {
  draft: "project.drafted",
  published: "project.published",
  archived: "project.archived",
} as const;

function searched(title: string): Pick<ProjectRecord, "titleWords" | "titleKey"> {
  return { titleWords: titleWords(title), titleKey: titleKey(title) };
}

async function filterOf(store: Store, request: Listing, call: Call): Promise<Record<string, unknown>> {
  const { folderId, outsideFolders, status, followed, title } = request;
  if (folderId !== undefined) await decidedFolder(store, { folderId, permission: "folder.read" }, call);
  const place = outsideFolders === true ? { parentFolderId: null } : {};
  return {
    deletedAt: null,
    ...place,
    ...(folderId !== undefined && { parentFolderId: folderId }),
    ...(status !== undefined && { status }),
    ...titleFilter(title),
    ...(followed !== undefined && { _id: await followedFilter(store, followed, call) }),
  };
}

/** What the caller follows, or all else. One person follows a bounded number. */
async function followedFilter(store: Store, followed: boolean, { organisationId, actorId: userId }: Call) {
  const found = await store.find(follows, { organisationId, userId }, { limit: FOLLOWS_MAXIMUM });
  const ids = found.map(({ projectId }) => projectId);
  return trusted(followed ? { $in: ids } : { $nin: ids });
}

async function followedAmong(store: Store, shown: readonly ProjectRecord[], call: Call): Promise<ReadonlySet<string>> {
  if (shown.length === 0) return new Set();
  const { organisationId, actorId: userId } = call;
  const among = trusted({ $in: shown.map(({ _id }) => _id) });
  const found = await store.find(follows, { organisationId, userId, projectId: among });
  return new Set(found.map(({ projectId }) => projectId));
}
