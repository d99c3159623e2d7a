// What the tests of this package share: an issuer of tokens, services' keys, and live views that a test sets.
import { generateKeyPairSync, type KeyObject, sign } from "node:crypto";
import { type HeldRole, PLATFORM, type Places, type ProjectPlace, type Role, type Switches } from "@partake/authz";
import { failure } from "@partake/failure";
import {
  createEnforcer,
  type Enforcer,
  FetchedKeys,
  type HeldGrants,
  type LiveGrants,
  type LivePlaces,
  type MintServiceToken,
  mintServiceTokens,
  readServiceKeys,
  type ServiceKeys,
} from "@partake/rpc";

export const ORIGIN = "https://partake.example.org";
export const ORGANISATION = "org_01890000-0000-7000-8000-000000000001";
export const OTHER_ORGANISATION = "org_01890000-0000-7000-8000-000000000002";
export const USER = "usr_01890000-0000-7000-8000-000000000003";
export const PROJECT = "prj_01890000-0000-7000-8000-000000000004";
export const HIDDEN_PROJECT = "prj_01890000-0000-7000-8000-000000000005";
export const FOLDER = "fld_01890000-0000-7000-8000-000000000006";

export const switches: Switches = {
  managersGiveRoles: true,
  creatorsCreateProjects: true,
  contactCreators: ["admin", "manager"],
  redactedAccess: false,
  visitorsSeeProjects: false,
};

export interface SigningKey {
  kid: string;
  privateKey: KeyObject;
  publicKey: KeyObject;
}

export function rsaKey(kid: string, modulusLength = 2048): SigningKey {
  return { kid, ...generateKeyPairSync("rsa", { modulusLength }) };
}

export function edKey(kid: string): SigningKey {
  return { kid, ...generateKeyPairSync("ed25519") };
}

export function jwks(...keys: SigningKey[]): { keys: object[] } {
  return { keys: keys.map(({ kid, publicKey }) => ({ ...publicKey.export({ format: "jwk" }), kid, use: "sig" })) };
}

export function encode(part: unknown): string {
  return Buffer.from(typeof part === "string" ? part : JSON.stringify(part)).toString("base64url");
}

/** A token as anybody could make it: any header, any claims, any key. */
export function signToken(header: object | string, claims: object | string, key: KeyObject): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  const algorithm = key.asymmetricKeyType === "rsa" ? "sha256" : null;
  return `${signed}.${sign(algorithm, Buffer.from(signed), key).toString("base64url")}`;
}

export interface World {
  nowMs: number;
  key: SigningKey;
  header: Record<string, unknown>;
  /** Claims of a good token; a test changes some. */
  claims(changes?: Record<string, unknown>): Record<string, unknown>;
  token(changes?: Record<string, unknown>, header?: Record<string, unknown>): string;
  /** The document that the issuer publishes; absent: the issuer is away. */
  published: object | undefined;
  keyRequests: number;
  grants: TestGrants;
  places: TestPlaces;
  serviceKeys: ServiceKeys;
  serviceToken(service: string): MintServiceToken;
  serviceSecret(service: string): SigningKey;
  enforcer: Enforcer;
}

/** Grants as a test sets them. */
export class TestGrants implements LiveGrants {
  isFresh = true;
  reads = 0;
  private readonly held = new Map<string, HeldGrants & { current: boolean }>();
  /** What identity would tell, if it were asked; undefined: it is away. */
  atIdentity: Partial<Omit<HeldGrants, "current">> | undefined;

  put(held: Partial<Omit<HeldGrants, "current">>, organisationId = ORGANISATION, userId = USER): void {
    this.remove(organisationId, userId);
    const put = {
      roles: [],
      taken: new Map<string, number>(),
      version: 1,
      enabled: true,
      switches,
      current: true,
      ...held,
    };
    this.held.set(`${organisationId} ${userId}`, put);
  }

  remove(organisationId = ORGANISATION, userId = USER): void {
    const before = this.held.get(`${organisationId} ${userId}`);
    if (before !== undefined) before.current = false;
    this.held.delete(`${organisationId} ${userId}`);
  }

  fresh(): boolean {
    return this.isFresh;
  }

  /** The version that the topic told last, as a test sets it. */
  heardVersion = 0;
  heard(): number {
    return this.heardVersion;
  }

  async read(of: { organisationId: string; userId: string; version: number }): Promise<HeldGrants | undefined> {
    const { organisationId, userId, version } = of;
    this.reads += 1;
    const held = () => this.held.get(`${organisationId} ${userId}`);
    if (this.atIdentity !== undefined && (held()?.version ?? 0) < version)
      this.put(this.atIdentity, organisationId, userId);
    return held();
  }
}

/** Places as a test sets them. */
export class TestPlaces implements LivePlaces {
  readonly projects = new Map<string, ProjectPlace>();
  /** What the owner would tell if asked. */
  readonly elsewhere = new Map<string, ProjectPlace>();
  isKnown = true;
  asked: string[] = [];

  of(organisationId: string): Places {
    const projects = () => {
      if (!this.isKnown) throw failure("unavailable", "places_unknown");
      return [...this.projects].filter(([, place]) => place.organisationId === organisationId);
    };
    return {
      project: (projectId) => projects().find(([id]) => id === projectId)?.[1],
      projectsIn: (folderId) =>
        projects()
          .filter(([, place]) => place.folderId === folderId)
          .map(([id]) => id),
      openProjects: () => [],
      deletedProjects: () => [],
    };
  }

  load(): undefined {
    return undefined;
  }

  async ask(_organisationId: string, projectId: string): Promise<void> {
    this.asked.push(projectId);
    const place = this.elsewhere.get(projectId);
    if (place !== undefined) this.projects.set(projectId, place);
  }
}

export function role(name: Role, scope: string, more: Partial<HeldRole> = {}): HeldRole {
  return { grantId: `grn_${name}_${scope}`, role: name, scope, ...more };
}

export const services = ["gateway", "identity", "projects", "contacts", "progress", "messaging", "billing"];

const issuerKey = rsaKey("key-1");

export async function createWorld(options: { nowMs?: number; live?: boolean } = {}): Promise<World> {
  const key = issuerKey;
  const secrets = new Map(services.map((service) => [service, edKey(service)]));
  const serviceKeys = await readServiceKeys(jwks(...secrets.values()));
  const clock = () => (options.live ? Date.now() : world.nowMs);
  const secret = (service: string): SigningKey => {
    const found = secrets.get(service);
    if (found === undefined) throw new Error(`no service ${service}`);
    return found;
  };
  const world: World = {
    nowMs: options.nowMs ?? Date.UTC(2026, 10, 22, 12),
    key,
    header: { alg: "RS256", typ: "at+jwt", kid: key.kid },
    claims: (changes = {}) => {
      const now = Math.floor(clock() / 1000);
      const base = { iss: ORIGIN, sub: USER, aud: `${ORIGIN}/orgs/${ORGANISATION}`, iat: now, exp: now + 300 };
      return {
        ...base,
        jti: "token-1",
        client_id: "web",
        sid: "s",
        auth_time: now,
        roles: [`admin:${ORGANISATION}`],
        grants_version: 1,
        ...changes,
      };
    },
    token: (changes, header) => signToken({ ...world.header, ...header }, world.claims(changes), world.key.privateKey),
    published: jwks(key),
    keyRequests: 0,
    grants: new TestGrants(),
    places: new TestPlaces(),
    serviceKeys,
    serviceToken: (service) =>
      mintServiceTokens({
        service,
        privateKey: secret(service).privateKey.export({ format: "pem", type: "pkcs8" }).toString(),
        nowMs: clock,
      }),
    serviceSecret: secret,
    enforcer: undefined as unknown as Enforcer,
  };
  const fetchJson = async () => {
    world.keyRequests += 1;
    if (world.published === undefined) throw new Error("identity is away");
    return world.published;
  };
  world.grants.put({ roles: [role("admin", ORGANISATION)] });
  world.grants.put({}, PLATFORM);
  world.places.projects.set(PROJECT, { organisationId: ORGANISATION, status: "published", visibility: "people" });
  world.enforcer = createEnforcer({
    origin: ORIGIN,
    keys: new FetchedKeys({ url: "http://identity/oidc/jwks", nowMs: clock, fetchJson }),
    serviceKeys,
    grants: world.grants,
    places: world.places,
    nowMs: clock,
  });
  return world;
}
