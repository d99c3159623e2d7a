import type { Arrived, Broadcast } from "@partake/bus";
import type { Services } from "@partake/contract";
import { failure } from "@partake/failure";

type Read = Services["Identity"]["readOrganisation"]["response"];
type OrganisationChanged = Arrived<"org.partake.organisation.changed.v1">["data"];

export interface OrganisationsSource {
  read(organisationId: string): Promise<Read>;
}

interface Known {
  version: number;
  isShown: boolean;
  readAtMs: number;
}

interface Reading {
  result: Promise<Known>;
  /** Changes that came while it was read. */
  waiting: OrganisationChanged[];
}

/** identity says every second that it is there. Silence longer than this: changes may not reach us. */
const silenceMs = 3_000;
/** Then what was read counts this long before it is read again. */
const staleReadMs = 2_000;
/** With identity away nothing is shown for longer than a token would count. */
const mostStaleMs = 300_000;
const defaultCapacity = 10_000;

/**
 * Which organisations show their projects to visitors, for whom no token says it: read from identity at first use, kept current
 * by the topic `roles`. One that does not exist is held, too, so that guesses cost nobody more than what is there.
 */
export class PublicOrganisations {
  private readonly nowMs: () => number;
  private readonly capacity: number;
  private readonly known = new Map<string, Known>();
  private readonly readings = new Map<string, Reading>();
  private heardAtMs = Number.NEGATIVE_INFINITY;

  constructor(options: { nowMs?: () => number; capacity?: number } = {}) {
    this.nowMs = options.nowMs ?? Date.now;
    this.capacity = options.capacity ?? defaultCapacity;
  }

  /** How the topics reach this view. */
  get broadcast(): Broadcast {
    return { topics: ["roles", "presence"], handle: (event) => this.apply(event), lost: () => this.dropAll() };
  }

  /** Throws `unavailable` where nobody can say it. */
  async isShown(organisationId: string, source: OrganisationsSource): Promise<boolean> {
    const known = this.known.get(organisationId);
    const ageMs = known === undefined ? Number.POSITIVE_INFINITY : this.nowMs() - known.readAtMs;
    if (known !== undefined && (this.isFresh() || ageMs < staleReadMs)) {
      this.known.delete(organisationId);
      this.known.set(organisationId, known);
      return known.isShown;
    }
    try {
      return (await this.readAnew(organisationId, source)).isShown;
    } catch (cause) {
      if (known !== undefined && ageMs < mostStaleMs) return known.isShown;
      throw failure("unavailable", "organisation_unknown", { cause });
    }
  }

  private isFresh(): boolean {
    return this.nowMs() - this.heardAtMs <= silenceMs;
  }

  /** One reading at a time for all who ask meanwhile. */
  private readAnew(organisationId: string, source: OrganisationsSource): Promise<Known> {
    const under = this.readings.get(organisationId);
    if (under !== undefined) return under.result;
    const reading: Reading = { waiting: [], result: Promise.reject(new Error("not begun")) };
    reading.result.catch(() => undefined);
    reading.result = source
      .read(organisationId)
      .then((read) => this.hold(organisationId, reading, read))
      .finally(() => {
        if (this.readings.get(organisationId) === reading) this.readings.delete(organisationId);
      });
    this.readings.set(organisationId, reading);
    return reading.result;
  }

  /** Keeps what was read, unless the topic was lost meanwhile: then it counts for who asked and is not kept. */
  private hold(organisationId: string, reading: Reading, { state, visitorsSeeProjects, version }: Read): Known {
    const known = { version, isShown: state === "active" && visitorsSeeProjects, readAtMs: this.nowMs() };
    for (const event of reading.waiting) follow(known, event);
    const before = this.known.get(organisationId);
    if (before !== undefined && before.version > known.version)
      Object.assign(known, before, { readAtMs: known.readAtMs });
    if (this.readings.get(organisationId) !== reading) return known;
    if (this.known.size >= this.capacity) this.known.delete(this.known.keys().next().value ?? "");
    this.known.set(organisationId, known);
    return known;
  }

  private apply(event: Arrived): void {
    if (event.type === "org.partake.identity.heartbeat.v1") this.hear();
    if (event.type !== "org.partake.organisation.changed.v1") return;
    const data = event.data as OrganisationChanged;
    this.readings.get(data.organisationId)?.waiting.push(data);
    const known = this.known.get(data.organisationId);
    if (known !== undefined) follow(known, data);
  }

  /** After a silence what was read meanwhile may lack a change; what was held before has had every event, in order. */
  private hear(): void {
    if (!this.isFresh())
      for (const [organisationId, { readAtMs }] of this.known)
        if (readAtMs >= this.heardAtMs) this.known.delete(organisationId);
    this.heardAtMs = this.nowMs();
  }

  private dropAll(): void {
    this.known.clear();
    this.readings.clear();
  }
}

function follow(known: Known, { state, visitorsSeeProjects, version }: OrganisationChanged): void {
  if (version <= known.version) return;
  known.version = version;
  known.isShown = state === "active" && visitorsSeeProjects;
}
