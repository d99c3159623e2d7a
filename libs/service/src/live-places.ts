import { PLATFORM, type Places } from "@partake/authz";
import type { Arrived, Broadcast } from "@partake/bus";
import { failure } from "@partake/failure";
import type { LivePlaces } from "@partake/rpc";
import { OrganisationPlaces, type ProjectScope, type ReadScopes } from "./held-places.ts";

/** Where the places of projects are read: of the projects service, over the network or from its own store. */
export interface PlacesSource {
  /** A page of an organisation's projects, or the projects of these ids. */
  read(of: { organisationId?: string; projectIds?: string[]; cursor: string }): Promise<ReadScopes>;
}

export interface LivePlacesOptions {
  source: PlacesSource;
  /** Whether the topic reaches us. */
  fresh: () => boolean;
  nowMs?: () => number;
  /** How many organisations are held. */
  capacity?: number;
}

type ProjectScopeChanged = Arrived<"org.partake.project.scope-changed.v1">["data"];

interface Reading {
  done: Promise<void>;
  waiting: ProjectScopeChanged[];
}

const staleReadMs = 3_000;
const restMs = 1_000;
/** One project is asked for at most this often, however often it is refused. */
const askEveryMs = 500;
const maxAsked = 2_000;
const maxWaiting = 10_000;
const maxPages = 500;
const defaultCapacity = 1_000;

/** The places of the active organisations' projects: read at first use, kept current by the topic `scopes`. */
export class PlacesView implements LivePlaces {
  private readonly source: PlacesSource;
  private readonly isFresh: () => boolean;
  private readonly nowMs: () => number;
  private readonly capacity: number;
  private readonly organisations = new Map<string, OrganisationPlaces>();
  private readonly readings = new Map<string, Reading>();
  private readonly asked = new Map<string, { atMs: number; answered: Promise<void> }>();
  private restsUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: LivePlacesOptions) {
    this.source = options.source;
    this.isFresh = options.fresh;
    this.nowMs = options.nowMs ?? Date.now;
    this.capacity = options.capacity ?? defaultCapacity;
  }

  /** How the topic reaches this view. */
  get broadcast(): Broadcast {
    return { topics: ["scopes"], handle: (event) => this.apply(event), lost: () => this.dropAll() };
  }

  of(organisationId: string): Places {
    const held = (): OrganisationPlaces => {
      const places = this.organisations.get(organisationId);
      if (places === undefined) throw failure("unavailable", "places_unknown");
      return places;
    };
    if (organisationId === PLATFORM) return nowhere;
    return {
      project: (projectId) => held().project(projectId),
      projectsIn: (folderId) => held().projectsIn(folderId),
      openProjects: (of) => (of === organisationId ? held().openProjects() : []),
      deletedProjects: (of) => (of === organisationId ? held().deletedProjects() : []),
    };
  }

  load(organisationId: string): Promise<void> | undefined {
    if (organisationId === PLATFORM) return undefined;
    const held = this.organisations.get(organisationId);
    if (held !== undefined && !held.isLost && (this.isFresh() || this.nowMs() - held.readAtMs < staleReadMs))
      return undefined;
    const under = this.readings.get(organisationId);
    if (under !== undefined) return under.done;
    if (this.nowMs() < this.restsUntilMs) return undefined;
    const reading: Reading = { waiting: [], done: Promise.resolve() };
    this.readings.set(organisationId, reading);
    reading.done = this.read(organisationId, reading)
      .catch(() => {
        this.restsUntilMs = this.nowMs() + restMs;
      })
      .finally(() => {
        if (this.readings.get(organisationId) === reading) this.readings.delete(organisationId);
      });
    return reading.done;
  }

  /** Who asks while the same question is under way waits for its answer, too. */
  ask(organisationId: string, projectId: string): Promise<void> {
    const nowMs = this.nowMs();
    const key = `${organisationId} ${projectId}`;
    const before = this.asked.get(key);
    if (before !== undefined && nowMs - before.atMs < askEveryMs) return before.answered;
    if (this.asked.size >= maxAsked) this.asked.clear();
    const answered = this.readProject(organisationId, projectId);
    this.asked.set(key, { atMs: nowMs, answered });
    return answered;
  }

  private async readProject(organisationId: string, projectId: string): Promise<void> {
    try {
      const { items } = await this.source.read({ projectIds: [projectId], cursor: "" });
      const places = this.organisations.get(organisationId);
      for (const scope of items) if (scope.organisationId === organisationId) places?.apply(scope);
    } catch {
      // What is held goes on counting: this question could only have added to it.
    }
  }

  private async read(organisationId: string, reading: Reading): Promise<void> {
    const scopes: ProjectScope[] = [];
    let cursor = "";
    for (let page = 0; page < maxPages; page += 1) {
      const read = await this.source.read({ organisationId, cursor });
      scopes.push(...read.items.filter((scope) => scope.organisationId === organisationId));
      cursor = read.nextCursor;
      if (cursor === "") break;
    }
    if (cursor !== "") throw new Error("more projects than an organisation can have");
    // The topic was lost meanwhile. Losses are seconds apart, so this ends; else who asked would be told to come back.
    if (this.readings.get(organisationId) !== reading) return this.load(organisationId);
    const places = new OrganisationPlaces(scopes, this.nowMs());
    for (const scope of reading.waiting) if (scope.organisationId === organisationId) places.apply(scope);
    this.organisations.delete(organisationId);
    if (this.organisations.size >= this.capacity) {
      const [oldest] = this.organisations.keys();
      if (oldest !== undefined) this.organisations.delete(oldest);
    }
    this.organisations.set(organisationId, places);
  }

  private apply(event: Arrived): void {
    if (event.type !== "org.partake.project.scope-changed.v1") return;
    const scope = event.data as ProjectScopeChanged;
    const reading = this.readings.get(scope.organisationId);
    if (reading !== undefined) {
      reading.waiting.push(scope);
      if (reading.waiting.length > maxWaiting) this.readings.delete(scope.organisationId);
    }
    this.organisations.get(scope.organisationId)?.apply(scope);
  }

  /** Calls under way go on with what they began with; the next ones read anew. */
  private dropAll(): void {
    for (const places of this.organisations.values()) places.isLost = true;
    this.readings.clear();
  }
}

const nowhere: Places = {
  project: () => undefined,
  projectsIn: () => [],
  openProjects: () => [],
  deletedProjects: () => [],
};
