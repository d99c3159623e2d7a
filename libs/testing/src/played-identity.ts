import { type KeyObject, sign } from "node:crypto";
import { type HeldRole, type ParticipantRights, presets, type Role, type Switches } from "@partake/authz";
import type { Clock, ReadGrants } from "@partake/service";
import { newId } from "./ids.ts";

const TOKEN_SECONDS = 300;
const ROLES_IN_TOKEN = 100;

/** Somebody who calls: a person in one organisation, or a service. */
export type TestCaller = { kind: "person"; userId: string; organisationId: string } | { kind: "service"; name: string };

/** Of a participant with what the participation allows. */
export type TestRole = [role: Role, scope: string, projectId?: string, participant?: ParticipantRights];

/** identity, as far as a service alone has to do with it: who holds what, and tokens that say so. */
export interface PlayedIdentity {
  grants: Map<string, { held: HeldRole[]; switches: Switches }>;
  /** Of all grants, raised by each that changes. */
  version: number;
  /** The platform's origin, in whose name tokens are. */
  origin: string;
  issuer: KeyObject;
  clock: Clock;
}

/** Somebody new, who holds these roles. */
export function addPerson(
  { grants }: PlayedIdentity,
  { organisationId, switches = {} }: { organisationId: string; switches?: Partial<Switches> },
  roles: readonly TestRole[],
): TestCaller {
  const userId = newId("usr");
  grants.set(`${organisationId} ${userId}`, { held: heldOf(roles), switches: { ...presets.charity, ...switches } });
  return { kind: "person", userId, organisationId };
}

/** From now on they hold these roles and no others. */
export function changeRoles(played: PlayedIdentity, who: TestCaller, roles: readonly TestRole[]): void {
  if (who.kind === "service") throw new Error("a service holds no roles");
  const key = `${who.organisationId} ${who.userId}`;
  const { switches = presets.charity } = played.grants.get(key) ?? {};
  played.grants.set(key, { held: heldOf(roles), switches });
  played.version += 1;
}

function heldOf(roles: readonly TestRole[]): HeldRole[] {
  return roles.map(([role, scope, projectId, participant]) => ({
    ...{ grantId: newId("grn"), role, scope },
    ...(projectId !== undefined && { projectId }),
    ...(participant && { participant }),
  }));
}

/** What identity answers to the question of that name. */
export function readGrants(
  { grants, version, clock }: PlayedIdentity,
  of: { organisationId: string; userId: string },
): ReadGrants {
  const known = grants.get(`${of.organisationId} ${of.userId}`);
  const grantedAt = clock.now().toISOString();
  const { contactCreators, ...switches } = known?.switches ?? presets.charity;
  return {
    grants: (known?.held ?? []).map(({ grantId: id, role, scope, projectId, participant }) => ({
      ...{ id, ...of, role, scope, version, grantedAt, removed: false },
      ...(projectId !== undefined && { projectId }),
      ...(participant && { participant }),
    })),
    version,
    enabled: true,
    switches: { ...switches, contactCreators: [...contactCreators] as never },
    withheld: [],
    endedSessionIds: [],
  };
}

/** An access token as identity would give it to them now. */
export function tokenFor(played: PlayedIdentity, as: TestCaller & { kind: "person" }): string {
  const { grants, version, origin, issuer, clock } = played;
  const { userId, organisationId } = as;
  const now = Math.floor(clock.now().getTime() / 1000);
  const held = grants.get(`${organisationId} ${userId}`)?.held ?? [];
  const claims = {
    ...{ iss: origin, sub: userId, aud: `${origin}/orgs/${organisationId}`, client_id: "test", jti: newId("jti") },
    ...{ iat: now, auth_time: now, exp: now + TOKEN_SECONDS, grants_version: version },
    // As identity does: many roles are looked up, not carried.
    ...(held.length > ROLES_IN_TOKEN
      ? { roles_ref: true }
      : { roles: held.map(({ role, scope }) => `${role}:${scope}`) }),
  };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode({ alg: "RS256", typ: "at+jwt", kid: "test" })}.${encode(claims)}`;
  return `${signed}.${sign("sha256", Buffer.from(signed), issuer).toString("base64url")}`;
}
