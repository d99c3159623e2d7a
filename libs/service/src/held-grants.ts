import type { HeldRole, ParticipantRights, Role, Switches } from "@partake/authz";
import type { Events, Services } from "@partake/contract";
import type { HeldGrants } from "@partake/rpc";

export type ReadGrants = Services["Identity"]["readGrants"]["response"];
type GrantMessage = ReadGrants["grants"][number];
export type GrantChanged = Events["org.partake.grant.changed.v1"];
export type UserChanged = Events["org.partake.user.changed.v1"];
export type OrganisationChanged = Events["org.partake.organisation.changed.v1"];

/** A grant in the form that counts, or as it was when it was taken. */
interface KnownGrant {
  version: number;
  role: HeldRole;
  isTaken: boolean;
}

/** What a person holds in one organisation, kept current by events. Each grant's highest version counts, in whatever order they come. */
export class PersonGrants {
  readonly organisationId: string;
  readonly userId: string;
  /** The organisation's version at which all of it was read. */
  readonly version: number;
  readonly readAtMs: number;
  private readonly known: Map<string, KnownGrant>;
  private enabled: boolean;
  private switches: Switches;
  private organisationVersion: number;
  private snapshot: HeldGrants & { current: boolean };

  constructor(of: { organisationId: string; userId: string }, read: ReadGrants, readAtMs: number) {
    this.organisationId = of.organisationId;
    this.userId = of.userId;
    this.version = read.version;
    this.readAtMs = readAtMs;
    this.known = new Map(read.grants.map((grant) => [grant.id, knownGrant(grant)]));
    this.enabled = read.enabled;
    this.switches = switchesOf(read.switches);
    this.organisationVersion = read.version;
    this.snapshot = this.compose();
  }

  /** What counts now. A caller that was compiled from an earlier one sees that it is no longer current. */
  get held(): HeldGrants {
    return this.snapshot;
  }

  applyGrant(event: GrantChanged): void {
    if (event.organisationId !== this.organisationId || event.userId !== this.userId) return;
    const before = this.known.get(event.grantId);
    if (before !== undefined && before.version >= event.version) return;
    // What was read at this version or a later one already tells of it; a grant it does not list was taken by then.
    if (before === undefined && event.version <= this.version) return;
    this.known.set(event.grantId, { version: event.version, role: roleOfEvent(event), isTaken: event.removed });
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
    this.snapshot.current = false;
  }

  private disable(): void {
    if (!this.enabled) return;
    this.enabled = false;
    this.renew();
  }

  private renew(): void {
    this.drop();
    this.snapshot = this.compose();
  }

  private compose(): HeldGrants & { current: boolean } {
    const all = [...this.known.values()];
    const roles = all.filter(({ isTaken }) => !isTaken).map(({ role }) => role);
    const gone = all.filter(({ isTaken }) => isTaken);
    const taken = new Map(gone.map(({ role, version }) => [`${role.role}:${role.scope}`, version]));
    return { roles, taken, switches: this.switches, version: this.version, enabled: this.enabled, current: true };
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
  return { version: grant.version, role: roleOfMessage(grant), isTaken: grant.removed };
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
