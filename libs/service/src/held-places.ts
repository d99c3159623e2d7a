import { isOpen, type ProjectPlace } from "@partake/authz";
import type { Services } from "@partake/contract";

export type ReadScopes = Services["Projects"]["readScopes"]["response"];
export type ProjectScope = ReadScopes["items"][number];

interface KnownPlace {
  version: number;
  place: ProjectPlace;
}

/** The places of one organisation's projects; of each the highest version counts. */
export class OrganisationPlaces {
  readonly readAtMs: number;
  /** A change may have been missed: they are read anew before the next question. */
  isLost = false;
  private readonly known = new Map<string, KnownPlace>();
  private readonly folders = new Map<string, Set<string>>();
  private readonly deleted = new Set<string>();
  private open: readonly string[] | undefined;

  constructor(read: readonly ProjectScope[], readAtMs: number) {
    this.readAtMs = readAtMs;
    for (const scope of read) this.apply(scope);
  }

  project(projectId: string): ProjectPlace | undefined {
    return this.known.get(projectId)?.place;
  }

  projectsIn(folderId: string): readonly string[] {
    return [...(this.folders.get(folderId) ?? [])];
  }

  openProjects(): readonly string[] {
    this.open ??= [...this.known].filter(([, { place }]) => isOpen(place)).map(([projectId]) => projectId);
    return this.open;
  }

  deletedProjects(): readonly string[] {
    return [...this.deleted];
  }

  apply(scope: Omit<ProjectScope, "folderId"> & { folderId?: string | undefined }): void {
    const { projectId, version } = scope;
    const before = this.known.get(projectId);
    if (before !== undefined && before.version >= version) return;
    const { organisationId, folderId, status, visibility } = scope;
    const place: ProjectPlace = { organisationId, status, visibility, ...(folderId ? { folderId } : {}) };
    this.known.set(projectId, { version, place });
    this.open = undefined;
    if (status === "deleted") this.deleted.add(projectId);
    else this.deleted.delete(projectId);
    if (before?.place.folderId === place.folderId) return;
    if (before?.place.folderId !== undefined) this.folders.get(before.place.folderId)?.delete(projectId);
    if (place.folderId === undefined) return;
    const inFolder = this.folders.get(place.folderId) ?? new Set();
    this.folders.set(place.folderId, inFolder.add(projectId));
  }
}
