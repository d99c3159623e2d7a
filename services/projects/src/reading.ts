import { failure } from "@partake/failure";
import type { Call } from "@partake/rpc";
import { type Store, type Transaction, trusted } from "@partake/store";
import { searchedBeginnings } from "./domain/title.ts";
import { shownProject } from "./showing.ts";
import { type FolderRecord, folders } from "./store/folders.ts";
import { followId, follows } from "./store/follows.ts";
import { isLive, type LiveProject, type ProjectRecord, projects } from "./store/projects.ts";

/** The project, decided on as it is stored: the check before the handler knew no more than its id. */
export async function decidedProject(store: Store, projectId: string, call: Call): Promise<LiveProject> {
  const project = await store.get(projects, projectId);
  const found = project && isLive(project) ? project : undefined;
  call.decide(found);
  return found;
}

/** The folder, in the same way. */
export async function decidedFolder(
  store: Store,
  of: { folderId: string; permission?: string },
  call: Call,
): Promise<FolderRecord> {
  const folder = await store.get(folders, of.folderId);
  const found = folder?.deletedAt === undefined ? folder : undefined;
  call.decide(found, of.permission);
  return found;
}

export function live(project: ProjectRecord | undefined): LiveProject {
  if (!project || !isLive(project)) throw failure("not_found", "not_found");
  return project;
}

export function present(folder: FolderRecord | undefined): FolderRecord {
  if (!folder || folder.deletedAt !== undefined) throw failure("not_found", "not_found");
  return folder;
}

/** The project as it is now, as an answer to that person. */
export async function answerWith(store: Store, projectId: string, call: Call) {
  const [project, follow] = await Promise.all([
    store.get(projects, projectId),
    store.get(follows, followId(projectId, call.actorId)),
  ]);
  return shownProject(live(project), follow !== undefined);
}

/** A folder that may take in a project, held until the end of the write. */
export async function openFolder(tx: Transaction, folderId: string, organisationId: string): Promise<FolderRecord> {
  const folder = present(await tx.get(folders, folderId));
  if (folder.organisationId !== organisationId) throw failure("not_found", "not_found");
  if (folder.status === "archived") throw failure("unprocessable", "folder_archived");
  return folder;
}

/** A filter of titles with words that begin so; whatever holds no word at all is in no title. */
export function titleFilter(title: string | undefined): Record<string, unknown> {
  if (title === undefined) return {};
  const beginnings = searchedBeginnings(title);
  if (beginnings.length === 0) return { titleWords: trusted({ $in: [] }) };
  return { $and: beginnings.map((beginning) => ({ titleWords: trusted({ $regex: beginning }) })) };
}
