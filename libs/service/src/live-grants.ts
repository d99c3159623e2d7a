import type { Arrived, Broadcast } from "@partake/bus";
import type { HeldGrants, LiveGrants } from "@partake/rpc";
import { GrantVersions } from "./grant-versions.ts";
import {
  type GrantChanged,
  type OrganisationChanged,
  PersonGrants,
  type ReadGrants,
  type SessionEnded,
  type UserChanged,
  type WithheldRightChanged,
} from "./held-grants.ts";

/** Where a person's grants are read: of identity, over the network or from its own store. */
export interface GrantsSource {
  read(of: Person): Promise<ReadGrants>;
}

export interface LiveGrantsOptions {
  source: GrantsSource;
  /** Where it keeps how far each organisation's grants are known. */
  versions?: GrantVersions;
  nowMs?: () => number;
  /** How many people are held; who was not asked for longest is dropped. */
  capacity?: number;
}

/** identity says every second that it is there. Silence longer than this: changes may not reach us. */
const silenceMs = 3_000;
/** While changes do not reach us, what was read counts this long before it is read again. */
const staleReadMs = 2_000;
/** After identity did not answer it is let alone for so long, so that not every call waits for it. */
const restMs = 1_000;
/** Whoever names a version that identity does not know is answered by what it told for so long: it is not asked again. */
const vainMs = 500;
const defaultCapacity = 10_000;
const maxWaiting = 1_000;

interface Reading {
  of: Person;
  result: Promise<PersonGrants | undefined>;
  /** Events that came while it was read. */
  waiting: Arrived[];
}

export interface Person {
  organisationId: string;
  userId: string;
}

/**
 * The grants of the people whom this process serves: read from identity at first use, kept current by the topic `roles`, dropped
 * when idle. Memory grows with active people, not with all.
 */
export class GrantsView implements LiveGrants {
  /** Resolves with identity's first heartbeat: from then on what is read is kept current. */
  readonly heardFirst: Promise<void>;
  private readonly hearFirst: () => void;
  private readonly source: GrantsSource;
  private readonly versions: GrantVersions;
  private readonly nowMs: () => number;
  private readonly capacity: number;
  private readonly people = new Map<string, PersonGrants>();
  private readonly readings = new Map<string, Reading>();
  private heardAtMs = Number.NEGATIVE_INFINITY;
  private restsUntilMs = Number.NEGATIVE_INFINITY;

  constructor(options: LiveGrantsOptions) {
    this.source = options.source;
    this.versions = options.versions ?? new GrantVersions();
    this.nowMs = options.nowMs ?? Date.now;
    this.capacity = options.capacity ?? defaultCapacity;
    const { promise, resolve } = Promise.withResolvers<void>();
    this.heardFirst = promise;
    this.hearFirst = resolve;
  }

  /** How the topic reaches this view. */
  get broadcast(): Broadcast {
    return {
      topics: ["roles", "sessions", "presence"],
      handle: (event) => this.apply(event),
      lost: () => this.dropAll(),
    };
  }

  fresh(): boolean {
    return this.nowMs() - this.heardAtMs <= silenceMs;
  }

  heard(organisationId: string): number {
    return this.versions.heard(organisationId);
  }

  async read(of: Person & { version: number }): Promise<HeldGrants | undefined> {
    const key = keyOf(of);
    const person = this.people.get(key);
    if (person !== undefined && this.isNewEnough(person, of) && this.isUpToDate(person)) {
      this.people.delete(key);
      this.people.set(key, person);
      return person.heldAt(this.nowMs());
    }
    const read = await this.readAnew(key, of);
    if (read !== undefined && read.version < of.version) read.vainUntilMs = this.nowMs() + vainMs;
    return (read ?? this.people.get(key))?.heldAt(this.nowMs());
  }

  get size(): number {
    return this.people.size;
  }

  /** A version of which neither identity nor the topic tells is one that somebody invented, until it is asked for again. */
  private isNewEnough(person: PersonGrants, { organisationId, version }: Person & { version: number }): boolean {
    return person.version >= version || (this.nowMs() < person.vainUntilMs && version > this.heard(organisationId));
  }

  private isUpToDate(person: PersonGrants): boolean {
    return this.fresh() || this.nowMs() - person.readAtMs < staleReadMs;
  }

  /** One reading of a person at a time: whoever asks meanwhile waits for the same, if it began late enough for them. */
  private async readAnew(key: string, of: Person & { version: number }) {
    const under = this.readings.get(key);
    const found = under === undefined ? undefined : await under.result;
    if (found !== undefined && found.version >= of.version) return found;
    const reading = this.readings.get(key) ?? this.startReading(key, of);
    return reading?.result;
  }

  private startReading(key: string, { organisationId, userId }: Person): Reading | undefined {
    if (this.nowMs() < this.restsUntilMs) return undefined;
    const of = { organisationId, userId };
    const reading: Reading = { of, waiting: [], result: Promise.resolve(undefined) };
    this.readings.set(key, reading);
    reading.result = this.source
      .read(of)
      .then((read) => this.hold(key, reading, read))
      .catch(() => {
        this.restsUntilMs = this.nowMs() + restMs;
        return undefined;
      })
      .finally(() => {
        if (this.readings.get(key) === reading) this.readings.delete(key);
      });
    return reading;
  }

  /** Keeps what was read, unless the topic was lost meanwhile: then it counts for who asked and is not kept. */
  private hold(key: string, reading: Reading, read: ReadGrants): PersonGrants {
    const person = new PersonGrants(reading.of, read, this.nowMs());
    this.versions.learn(person.organisationId, person.version);
    const isWhole = reading.waiting.every((event) => applyTo(person, event));
    this.people.get(key)?.drop();
    this.people.delete(key);
    if (!isWhole || this.readings.get(key) !== reading) {
      person.drop();
      return person;
    }
    if (this.people.size >= this.capacity) this.dropOldest();
    this.people.set(key, person);
    return person;
  }

  private dropOldest(): void {
    const [oldest] = this.people;
    if (oldest === undefined) return;
    oldest[1].drop();
    this.people.delete(oldest[0]);
  }

  private apply(event: Arrived): void {
    if (event.type === "org.partake.identity.heartbeat.v1") {
      this.hear();
      return;
    }
    for (const [key, reading] of this.readings) {
      reading.waiting.push(event);
      if (reading.waiting.length > maxWaiting) this.readings.delete(key);
    }
    for (const [key, person] of this.concerned(event)) {
      if (applyTo(person, event)) continue;
      person.drop();
      this.people.delete(key);
    }
    const { organisationId, version } = event.data as Partial<GrantChanged>;
    if (organisationId !== undefined && version !== undefined) this.versions.hear(organisationId, version);
  }

  /** A grant, and a right withheld, is one person's; a change of a person or an organisation is rare and may look through all. */
  private concerned(event: Arrived): [string, PersonGrants][] {
    if (event.type !== "org.partake.grant.changed.v1" && event.type !== "org.partake.withheld-right.changed.v1")
      return [...this.people];
    const key = keyOf(event.data as GrantChanged | WithheldRightChanged);
    const person = this.people.get(key);
    return person === undefined ? [] : [[key, person]];
  }

  /** After a silence what was read meanwhile may lack a change; what was held before has had every event, in order. */
  private hear(): void {
    if (!this.fresh()) {
      for (const [key, person] of this.people) {
        if (person.readAtMs < this.heardAtMs) continue;
        person.drop();
        this.people.delete(key);
      }
    }
    this.heardAtMs = this.nowMs();
    this.hearFirst();
  }

  private dropAll(): void {
    for (const person of this.people.values()) person.drop();
    this.people.clear();
    this.readings.clear();
  }
}

function keyOf(of: Person): string {
  return `${of.organisationId} ${of.userId}`;
}

/** Whether what is held of the person still tells how things are. */
function applyTo(person: PersonGrants, event: Arrived): boolean {
  switch (event.type) {
    case "org.partake.grant.changed.v1":
      person.applyGrant(event.data as GrantChanged);
      return true;
    case "org.partake.withheld-right.changed.v1":
      person.applyWithheld(event.data as WithheldRightChanged);
      return true;
    case "org.partake.session.ended.v1":
      person.applySessionEnd(event.data as SessionEnded);
      return true;
    case "org.partake.user.changed.v1": {
      const data = event.data as UserChanged;
      return data.userId !== person.userId || person.applyUser(data);
    }
    case "org.partake.organisation.changed.v1": {
      const data = event.data as OrganisationChanged;
      return data.organisationId !== person.organisationId || person.applyOrganisation(data);
    }
    default:
      return true;
  }
}
