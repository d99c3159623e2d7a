// People with tokens as identity would give them, and the live grants behind them, which a test changes at will.
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type HeldRole, type Places, type ProjectPlace, presets, type Role, type Switches } from "@partake/authz";
import type { HeldGrants, KeySource, LiveGrants, LivePlaces } from "@partake/rpc";
import { newId } from "@partake/testing";

export interface Person {
  userId: string;
  organisationId: string;
}

export type RoleOn = [role: Role, scope: string, more?: Partial<HeldRole>];

export interface People {
  /** The organisation's switches, from the next change of anybody's roles on. */
  switches: Switches;
  grants: LiveGrants;
  places: LivePlaces;
  keys: KeySource;
  person(roles: readonly RoleOn[], organisationId?: string): Person;
  /** What somebody holds from now on; an older token keeps its claims. */
  setRoles(person: Person, roles: readonly RoleOn[]): void;
  /** The same, of which nobody has heard yet: only who asks for that version gets it. Gives the version. */
  setRolesUnheard(person: Person, roles: readonly RoleOn[]): number;
  disable(person: Person): void;
  /** A token for a place, by default the person's organisation. */
  token(person: Person, changes?: { place?: string; lifeSeconds?: number; claims?: object; header?: object }): string;
  /** What such a token says. */
  claims(person: Person): Record<string, unknown>;
  /** Signs whatever it is given, as the issuer would. */
  signed(header: object | string, claims: object | string): string;
  readonly publicKey: KeyObject;
  addProject(projectId: string, place: ProjectPlace): void;
}

interface Held {
  roles: readonly HeldRole[];
  switches: Switches;
  version: number;
  enabled: boolean;
  current: boolean;
}

export function createPeople(options: { origin: string; nowMs(): number; organisationId: string }): People {
  const issuer = generateKeyPairSync("rsa", { modulusLength: 2048 });
  const held = new Map<string, Held>();
  const unheard = new Map<string, Held>();
  const projects = new Map<string, ProjectPlace>();
  const keyOf = (person: Person) => `${person.organisationId} ${person.userId}`;
  const formOf = (person: Person, roles: readonly RoleOn[], enabled: boolean): Held => {
    const version = (held.get(keyOf(person))?.version ?? 0) + 1;
    return { roles: roles.map(heldRole), switches: people.switches, version, enabled, current: true };
  };
  const hear = (key: string, form: Held) => {
    const before = held.get(key);
    if (before) before.current = false;
    held.set(key, form);
    unheard.delete(key);
  };
  const claimsOf = (person: Person, of: { place?: string | undefined; lifeSeconds?: number | undefined }) => {
    const { place = person.organisationId, lifeSeconds = 300 } = of;
    const now = Math.floor(options.nowMs() / 1000);
    const isAccount = place === "account";
    const { roles = [], version = 0 } = isAccount ? {} : (held.get(keyOf(person)) ?? {});
    return {
      ...{ iss: options.origin, sub: person.userId, client_id: "test", jti: newId("jti") },
      ...{ iat: now, auth_time: now, exp: now + lifeSeconds },
      aud: isAccount ? `${options.origin}/account` : `${options.origin}/orgs/${place}`,
      grants_version: version,
      roles: roles.map(({ role, scope }) => `${role}:${scope}`),
    };
  };
  const signed = (header: object | string, claims: object | string): string => {
    const text = `${encode(header)}.${encode(claims)}`;
    return `${text}.${sign("sha256", Buffer.from(text), issuer.privateKey).toString("base64url")}`;
  };
  const put = (person: Person, roles: readonly RoleOn[], enabled: boolean) =>
    hear(keyOf(person), formOf(person, roles, enabled));
  const people: People = {
    switches: presets.charity,
    grants: {
      fresh: () => true,
      heard: () => 0,
      async read({ organisationId, userId, version }): Promise<HeldGrants | undefined> {
        const key = `${organisationId} ${userId}`;
        const newer = unheard.get(key);
        if (newer !== undefined && version >= newer.version) hear(key, newer);
        return held.get(key);
      },
    },
    places: placesOf(projects),
    keys: {
      key: async (kid) =>
        kid === "test" ? (issuer.publicKey as unknown as Awaited<ReturnType<KeySource["key"]>>) : undefined,
      onChange: () => undefined,
    },
    person(roles, organisationId = options.organisationId) {
      const person = { userId: newId("usr"), organisationId };
      put(person, roles, true);
      return person;
    },
    setRoles: (person, roles) => put(person, roles, true),
    setRolesUnheard(person, roles) {
      const form = formOf(person, roles, true);
      unheard.set(keyOf(person), form);
      return form.version;
    },
    disable: (person) => put(person, [], false),
    token: (person, { place, lifeSeconds, claims = {}, header = {} } = {}) =>
      signed({ ...goodHeader, ...header }, { ...claimsOf(person, { place, lifeSeconds }), ...claims }),
    claims: (person) => claimsOf(person, {}),
    signed,
    publicKey: issuer.publicKey,
    addProject: (projectId, place) => projects.set(projectId, place),
  };
  return people;
}

export const goodHeader = { alg: "RS256", typ: "at+jwt", kid: "test" };

export function encode(part: object | string): string {
  return Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
}

function heldRole([role, scope, more = {}]: RoleOn): HeldRole {
  return { grantId: newId("grn"), role, scope, ...more };
}

function placesOf(projects: ReadonlyMap<string, ProjectPlace>): LivePlaces {
  const of = (organisationId: string): Places => ({
    project: (projectId) => projects.get(projectId),
    projectsIn: (folderId) => [...projects].filter(([, place]) => place.folderId === folderId).map(([id]) => id),
    deletedProjects: () => [...projects].filter(([, { status }]) => status === "deleted").map(([id]) => id),
    openProjects: () => [...projects].filter(([, place]) => place.organisationId === organisationId).map(([id]) => id),
  });
  return { of, load: () => undefined, ask: async () => undefined };
}
