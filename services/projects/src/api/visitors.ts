import type { Caller } from "@partake/authz";
import type { Services } from "@partake/contract";
import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Store, trusted } from "@partake/store";
import type { PublicOrganisations } from "../public-organisations.ts";
import { type FolderRecord, folders } from "../store/folders.ts";
import { type ProjectRecord, projects } from "../store/projects.ts";

type Visitors = Pick<Implementation<"Projects">, "listPublicProjects" | "getPublicProject">;
type PublicProject = Services["Projects"]["getPublicProject"]["response"];

const timeoutMs = 1_500;
/** Caches hand the answer to everybody, so it is the same whoever asked. */
const anyone: Caller = { kind: "anonymous" };

/** What everybody may see: nobody's rights are asked, only what organisation and project say of themselves. (R10) */
export function visitorsApi(parts: Parts, organisations: PublicOrganisations): Visitors {
  const { store } = parts;
  return {
    async listPublicProjects({ organisationId, folderId, limit, cursor }, call) {
      await requireShown(parts, organisations, { organisationId, call });
      const page = await store.list(projects, {
        visible: { status: "published", visibility: "public" },
        filter: { organisationId, ...(folderId !== undefined && { parentFolderId: folderId }) },
        sort: { field: "order", direction: 1 },
        limit,
        cursor,
        call: { caller: anyone },
      });
      // A folder of which nobody is shown anything is none that anybody may know of.
      if (folderId !== undefined && cursor === "" && page.items.length === 0) throw failure("not_found", "not_found");
      const found = await foldersOf(store, page.items);
      return { items: page.items.map((project) => shown(project, found)), nextCursor: page.nextCursor };
    },

    async getPublicProject({ organisationId, projectId }, call) {
      await requireShown(parts, organisations, { organisationId, call });
      const project = await store.get(projects, projectId);
      if (project === undefined || !isPublic(project, organisationId)) throw failure("not_found", "not_found");
      return shown(project, await foldersOf(store, [project]));
    },
  };
}

/** The projects of an organisation that shows none are no more there than those of one that is not there. */
export async function requireShown(
  { clients }: Pick<Parts, "clients">,
  organisations: PublicOrganisations,
  { organisationId, call }: { organisationId: string; call: Call },
): Promise<void> {
  const { traceparent, requestId } = call;
  const outgoing = { timeoutMs, requestId, ...(traceparent !== undefined && { traceparent }) };
  const source = { read: (id: string) => clients.Identity.readOrganisation({ organisationId: id }, outgoing) };
  if (!(await organisations.isShown(organisationId, source))) throw failure("not_found", "not_found");
}

export function isPublic(project: ProjectRecord, organisationId: string): boolean {
  const { status, visibility } = project;
  return project.organisationId === organisationId && status === "published" && visibility === "public";
}

async function foldersOf(
  store: Store,
  shownProjects: readonly ProjectRecord[],
): Promise<ReadonlyMap<string, FolderRecord>> {
  const ids = new Set(shownProjects.flatMap(({ parentFolderId }) => parentFolderId ?? []));
  if (ids.size === 0) return new Map();
  const found = await store.find(folders, { _id: trusted({ $in: [...ids] }) });
  return new Map(found.map((folder) => [folder._id, folder]));
}

function shown(project: ProjectRecord, found: ReadonlyMap<string, FolderRecord>): PublicProject {
  const { _id: id, organisationId, title, description, startsOn, endsOn, imageId } = project;
  const folder = found.get(project.parentFolderId ?? "");
  return {
    ...{ id, organisationId, title, description },
    ...(startsOn !== undefined && { startsOn }),
    ...(endsOn !== undefined && { endsOn }),
    ...(imageId !== undefined && { imageId }),
    ...(folder && { folder: shownFolder(folder) }),
  };
}

function shownFolder({ _id: id, title, imageId }: FolderRecord): NonNullable<PublicProject["folder"]> {
  return { id, title, ...(imageId !== undefined && { imageId }) };
}
