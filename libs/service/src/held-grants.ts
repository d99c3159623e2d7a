import type { HeldRole, ParticipantRights, Role, Switches } from "@partake/authz";
import type { Events, Services } from "@partake/contract";
import type { HeldGrants } from "@partake/rpc";

export type ReadGrants = Services["Identity"]["readGrants"]["response"];
type GrantMessage = ReadGrants["grants"][number];
export type GrantChanged = Events["org.partake.grant.changed.v1"];
export type UserChanged = Events["org.partake.user.changed.v1"];
export type OrganisationChanged = Events["org.partake.organisation.changed.v1"];
export type SessionEnded = Events["org.partake.session.ended.v1"];
export type WithheldRightChanged = Events["org.partake.withheld-right.changed.v1"];

/** A grant in the form that counts, or as it was when it was taken. */
interface KnownGrant {
  version: number;
  role: HeldRole;
  isTaken: boolean;
  /** When it ends by itself. */
  untilMs: number;
}

/** A right derived from a folder that was taken for one project, or given back. */
interface KnownWithheld {
  version: number;
  projectId: string;
  isRestored: boolean;
}

const mostEndedSessions = 1_000;

type Snapshot = HeldGrants & { current: boolean; readonly untilMs: number };

/** What a person holds in one organisation, kept current by events. Each grant's highest version counts, in whatever order they come. */
export class PersonGrants {
  readonly organisationId: string;
  readonly userId: string;
  /** The organisation's version at which all of it was read. */
  readonly version: number;
  readonly readAtMs: number;
  /** Until then nobody asks identity for a newer version, as it had none. */
  vainUntilMs = Number.NEGATIVE_INFINITY;
  private readonly known: Map<string, KnownGrant>;
  private readonly withheld: Map<string, KnownWithheld>;
  private readonly endedSessions: Set<string>;
  private readonly creatorId: string | undefined;
  private enabled: boolean;
  private switches: Switches;
  private organisationVersion: number;
  private isDropped = false;
  private snapshot: Snapshot | undefined;

  constructor(of: { organisationId: string; userId: string }, read: ReadGrants, readAtMs: number) {
    this.organisationId = of.organisationId;
    this.userId = of.userId;
    this.version = read.version;
    this.readAtMs = readAtMs;
    this.known = new Map(read.grants.map((grant) => [grant.id, knownGrant(grant)]));
    this.withheld = new Map((read.withheld ?? []).map((right) => [right.id, knownWithheld(right)]));
    this.endedSessions = new Set(read.endedSessionIds ?? []);
    this.creatorId = read.creatorId;
    this.enabled = read.enabled;
    this.switches = switchesOf(read.switches);
    this.organisationVersion = read.version;
  }

  /** What counts at that time. A caller that was compiled from an earlier one sees that it is no longer current. */
  heldAt(nowMs: number): HeldGrants {
    if (this.snapshot !== undefined && nowMs >= this.snapshot.untilMs) this.renew();
    this.snapshot ??= this.compose(nowMs);
    return this.snapshot;
  }

  applyGrant(event: GrantChanged): void {
    if (event.organisationId !== this.organisationId || event.userId !== this.userId) return;
    const before = this.known.get(event.grantId);
    if (before !== undefined && before.version >= event.version) return;
    // What was read at this version or a later one already tells of it; a grant it does not list was taken by then.
    if (before === undefined && event.version <= this.version) return;
    const { version, removed: isTaken, expiresAt } = event;
    this.known.set(event.grantId, { version, role: roleOfEvent(event), isTaken, untilMs: endOf(expiresAt) });
    this.renew();
  }

  applyWithheld(event: WithheldRightChanged): void {
    if (event.organisationId !== this.organisationId || event.userId !== this.userId) return;
    const { withheldRightId, projectId, version, restored: isRestored } = event;
    const before = this.withheld.get(withheldRightId);
    if (before !== undefined && before.version >= version) return;
    if (before === undefined && version <= this.version) return;
    this.withheld.set(withheldRightId, { version, projectId, isRestored });
    this.renew();
  }

  /** Whoever logs in and out without end is remembered as far back as any token lives. */
  applySessionEnd({ userId, sessionId }: SessionEnded): void {
    if (userId !== this.userId) return;
    const [oldest] = this.endedSessions;
    if (oldest !== undefined && this.endedSessions.size >= mostEndedSessions) this.endedSessions.delete(oldest);
    this.endedSessions.add(sessionId);
    this.renew();
  }

  /** Whether what is held still tells how things are; else it must be read again. */
  applyUser({ enabled }: UserChanged): boolean {
    if (enabled) return this.enabled;
    this.disable();
    return true;
  }

  /** The same of a change of the organisation. */
  applyOrganisation(event: OrganisationChanged): boolean {
    if (event.version <= this.organisationVersion) return true;
    this.organisationVersion = event.version;
    if (event.state !== "active") this.disable();
    else if (!this.enabled) return false;
    this.switches = switchesOf(event);
    this.renew();
    return true;
  }

  /** Says of what was compiled from this that it is no longer kept current. */
  drop(): void {
    this.isDropped = true;
    this.renew();
  }

  private disable(): void {
    if (!this.enabled) return;
    this.enabled = false;
    this.renew();
  }

  private renew(): void {
    if (this.snapshot !== undefined) this.snapshot.current = false;
    this.snapshot = undefined;
  }

  private compose(nowMs: number): Snapshot {
    const all = [...this.known.values()];
    const counting = all.filter(({ isTaken, untilMs }) => !isTaken && nowMs < untilMs);
    const gone = all.filter(({ isTaken }) => isTaken);
    const { switches, version, enabled, creatorId } = this;
    return {
      roles: counting.map(({ role }) => role),
      taken: new Map(gone.map(({ role, version: at }) => [`${role.role}:${role.scope}`, at])),
      withheld: [...this.withheld.values()].flatMap(({ projectId, isRestored }) => (isRestored ? [] : [projectId])),
      endedSessions: new Set(this.endedSessions),
      untilMs: counting.reduce((first, { untilMs }) => Math.min(first, untilMs), Number.POSITIVE_INFINITY),
      ...{ switches, version, enabled },
      ...(creatorId !== undefined && { creatorId }),
      current: !this.isDropped,
    };
  }
}

/** Absent switches are at their strictest. */
function switchesOf(message: Partial<Switches> | undefined): Switches {
  return {
    managersGiveRoles: message?.managersGiveRoles ?? false,
    creatorsCreateProjects: message?.creatorsCreateProjects ?? false,
    contactCreators: message?.contactCreators ?? [],
    redactedAccess: message?.redactedAccess ?? message === undefined,
    visitorsSeeProjects: message?.visitorsSeeProjects ?? false,
  };
}

function knownGrant(grant: GrantMessage): KnownGrant {
  const { version, removed: isTaken, expiresAt } = grant;
  return { version, role: roleOfMessage(grant), isTaken, untilMs: endOf(expiresAt) };
}

function knownWithheld({ version, projectId, restored }: ReadGrants["withheld"][number]): KnownWithheld {
  return { version, projectId, isRestored: restored };
}

/** What ends at a time that cannot be read has ended. */
function endOf(expiresAt: string | undefined): number {
  if (expiresAt === undefined || expiresAt === "") return Number.POSITIVE_INFINITY;
  const untilMs = Date.parse(expiresAt);
  return Number.isNaN(untilMs) ? Number.NEGATIVE_INFINITY : untilMs;
}

function roleOfMessage(grant: GrantMessage): HeldRole {
  const role = bareRole({ grantId: grant.id, role: grant.role, scope: grant.scope, projectId: grant.projectId });
  const { participant } = grant;
  if (participant === undefined) return role;
  const { participationId, contactId, boardId, level, peerReview, state } = participant;
  return { ...role, ...rights({ participationId, contactId, boardId, level, peerReview, state }) };
}

function roleOfEvent(event: GrantChanged): HeldRole {
  const { participationId, contactId, boardId, level, peerReview, state } = event;
  return { ...bareRole(event), ...rights({ participationId, contactId, boardId, level, peerReview, state }) };
}

function bareRole(of: { grantId: string; role: string; scope: string; projectId?: string | undefined }): HeldRole {
  const role = { grantId: of.grantId, role: of.role as Role, scope: of.scope };
  return of.projectId === undefined ? role : { ...role, projectId: of.projectId };
}

type Optional<T> = { [K in keyof T]: T[K] | "" | undefined };

/** What a participation allows; without its every part it allows nothing. */
function rights(of: Optional<ParticipantRights>): { participant?: ParticipantRights } {
  const { participationId, contactId, boardId, level, state } = of;
  if (!participationId || !contactId || !boardId || !level || !state) return {};
  return { participant: { participationId, contactId, boardId, level, state, peerReview: of.peerReview === true } };
}
