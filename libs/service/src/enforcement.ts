import { readFile } from "node:fs/promises";
import type { Broadcast } from "@partake/bus";
import {
  createEnforcer,
  type Enforcer,
  FetchedKeys,
  type MintServiceToken,
  mintServiceTokens,
  readServiceKeys,
} from "@partake/rpc";
import { type Config, ConfigurationError } from "./config.ts";
import type { GrantVersions } from "./grant-versions.ts";
import { type GrantsSource, GrantsView } from "./live-grants.ts";
import { type PlacesSource, PlacesView } from "./live-places.ts";
import { liveRights } from "./live-rights.ts";
import type { Parts, ServiceDefinition } from "./types.ts";

/** Asked in the course of somebody's call, which has a deadline of its own. */
const readTimeoutMs = 1_500;

export interface Enforcement {
  enforcer: Enforcer;
  rightsOf: Parts["rightsOf"];
  /** The topics that keep the live views current. */
  broadcasts: readonly Broadcast[];
  /** Resolves when they are known to do so: identity was heard. */
  heard: Promise<void>;
}

/** Joins the live views and the keys to the one code that decides who calls and what they may. */
export async function openEnforcement(
  definition: ServiceDefinition,
  parts: Parts,
  versions: GrantVersions,
): Promise<Enforcement> {
  const { config, clock } = parts;
  const nowMs = () => clock.now().getTime();
  const grants = new GrantsView({ source: definition.grantsSource?.(parts) ?? remoteGrants(parts), versions, nowMs });
  const source = definition.placesSource?.(parts) ?? remotePlaces(parts);
  const places = new PlacesView({ source, fresh: () => grants.fresh(), nowMs });
  const keys = definition.keysSource?.(parts) ?? new FetchedKeys({ url: `${config.identityHttpUrl}/oidc/jwks`, nowMs });
  const serviceKeys = await readServiceKeys(await readJson("SERVICE_KEYS_FILE", config.serviceKeysFile));
  const enforcer = createEnforcer({ origin: config.origin, keys, serviceKeys, grants, places, nowMs });
  const broadcasts = [grants.broadcast, places.broadcast];
  return { enforcer, rightsOf: liveRights(grants, places), broadcasts, heard: grants.heardFirst };
}

/** The own service's tokens, signed with its mounted key. */
export async function openServiceTokens(service: string, config: Config): Promise<MintServiceToken> {
  const privateKey = await readText("SERVICE_KEY_FILE", config.serviceKeyFile);
  try {
    return mintServiceTokens({ service, privateKey });
  } catch {
    throw new ConfigurationError("SERVICE_KEY_FILE does not hold an Ed25519 key as PKCS8 PEM");
  }
}

function remoteGrants(parts: Parts): GrantsSource {
  return { read: (of) => parts.clients.Identity.readGrants(of, { timeoutMs: readTimeoutMs }) };
}

function remotePlaces(parts: Parts): PlacesSource {
  return { read: (of) => parts.clients.Projects.readScopes(of, { timeoutMs: readTimeoutMs }) };
}

async function readJson(variable: string, path: string): Promise<unknown> {
  const text = await readText(variable, path);
  try {
    return JSON.parse(text);
  } catch {
    throw new ConfigurationError(`${variable} does not hold JSON`);
  }
}

async function readText(variable: string, path: string): Promise<string> {
  try {
    return await readFile(path, "utf8");
  } catch (error) {
    throw new ConfigurationError(
      `${variable} names a file that cannot be read (${(error as NodeJS.ErrnoException).code})`,
    );
  }
}
