// What the processes of the bench share: one organisation, one admin of it with a token, one project. The driver makes it and
// passes it on, so that every process verifies the same token with the same keys.
import { createPrivateKey, createPublicKey, generateKeyPairSync, sign } from "node:crypto";
import { type HeldRole, type Places, presets } from "@partake/authz";
import { createEnforcer, type Enforcer, type HeldGrants, readServiceKeys } from "@partake/rpc";

export interface Scene {
  origin: string;
  organisationId: string;
  userId: string;
  projectId: string;
  token: string;
  issuerKey: string;
  gatewayKey: string;
  rpcPort?: number;
  httpPort?: number;
}

const variable = "BENCH_SCENE";

export function makeScene(): Scene {
  const issuer = generateKeyPairSync("rsa", { modulusLength: 2048 }).privateKey;
  const gateway = generateKeyPairSync("ed25519").privateKey;
  const pem = (key: typeof issuer) => key.export({ format: "pem", type: "pkcs8" }).toString();
  const id = (prefix: string) => `${prefix}_01890000-0000-7000-8000-000000000001`;
  const scene = {
    origin: "https://partake.example",
    organisationId: id("org"),
    userId: id("usr"),
    projectId: id("prj"),
  };
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    ...{
      iss: scene.origin,
      sub: scene.userId,
      aud: `${scene.origin}/orgs/${scene.organisationId}`,
      client_id: "bench",
    },
    ...{ jti: "bench", iat: now, exp: now + 1_800, grants_version: 1, roles: [`admin:${scene.organisationId}`] },
  };
  const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
  const signed = `${encode({ alg: "RS256", typ: "at+jwt", kid: "bench" })}.${encode(claims)}`;
  const token = `${signed}.${sign("sha256", Buffer.from(signed), issuer).toString("base64url")}`;
  return { ...scene, token, issuerKey: pem(issuer), gatewayKey: pem(gateway) };
}

/** A question of the AuthZEN API, to which the answer is yes. */
export function questionOf({ userId, projectId }: Scene) {
  const subject = { type: "user", id: userId };
  return { subject, action: { name: "project.read" }, resource: { type: "project", id: projectId } };
}

export function passOn(scene: Scene): NodeJS.ProcessEnv {
  return { ...process.env, [variable]: JSON.stringify(scene) };
}

export function readScene(): Scene {
  return JSON.parse(process.env[variable] ?? "") as Scene;
}

/** The enforcement of a service or the gateway, with live grants and places that are held already. */
export async function enforcerOf(scene: Scene): Promise<Enforcer> {
  const { origin, organisationId, projectId } = scene;
  const key = createPublicKey(createPrivateKey(scene.issuerKey)) as never;
  const gateway = createPublicKey(createPrivateKey(scene.gatewayKey)).export({ format: "jwk" });
  const roles: HeldRole[] = [{ grantId: "grn_1", role: "admin", scope: organisationId }];
  const held: HeldGrants = { roles, switches: presets.charity, version: 1, enabled: true, current: true };
  const place = { organisationId, status: "published", visibility: "people" } as const;
  const places: Places = {
    project: (id) => (id === projectId ? place : undefined),
    projectsIn: () => [],
    openProjects: () => [],
    deletedProjects: () => [],
  };
  return createEnforcer({
    origin,
    keys: { key: async () => key, onChange: () => undefined },
    serviceKeys: await readServiceKeys({ keys: [{ ...gateway, kid: "gateway" }] }),
    grants: { fresh: () => true, heard: () => 0, read: async () => held },
    places: { of: () => places, load: () => undefined, ask: async () => undefined },
  });
}

/** Tells the driver that the process is there, and answers what it used so far when asked. */
export function report(ready: object): void {
  process.on("message", (asked) => {
    if (asked === "cpu") process.send?.({ cpu: process.cpuUsage() });
  });
  process.on("disconnect", () => process.exit(0));
  process.send?.({ ready });
}
