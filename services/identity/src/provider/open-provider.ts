import { readFile } from "node:fs/promises";
import type { Running } from "@partake/service";
import type { Log, Store } from "@partake/store";
import type { JWK } from "oidc-provider";
import { loginLimits } from "../domain/login-limits.ts";
import { passkeyCeremonies } from "../passkeys.ts";
import type { Redeeming } from "../redeeming.ts";
import { accounts as openAccounts, type ShowsProjects } from "../store/accounts.ts";
import { openDocuments } from "../store/documents.ts";
import { loginCounters } from "../store/login-counters.ts";
import { sealing as openSealing } from "../store/sealing.ts";
import { emailUndo } from "./email-undo.ts";
import { listen, type ServingProvider } from "./listener.ts";
import { type LoginCodesParts, loginCodes } from "./login-codes.ts";
import { loginRefusals } from "./login-refusals.ts";
import { outsideLogins } from "./outside-logins.ts";
import { outsideVisits } from "./outside-visits.ts";
import { passkeyLogins } from "./passkey-logins.ts";
import { printedCodeLogins } from "./printed-code-logins.ts";
import { openIdProvider, type ProviderParts } from "./provider.ts";
import { serviceAccountClients } from "./service-account-clients.ts";
import { sessionRecords } from "./session-records.ts";
import { type KeyRing, type SigningKeys, signingKeys } from "./signing-keys.ts";

/** What the provider is given. Structural: a service's `Parts` with its mailer fit. */
export interface OpenProviderParts {
  config: {
    environment: string;
    origin: string;
    httpPort: number;
    mongodbUri: string;
    mongodbDatabasePrefix: string;
    encryptionKeys: readonly string[];
    serviceKeysFile: string;
    platformOperators: readonly string[];
    billingOperators: readonly string[];
    mobileRedirects: readonly string[];
  };
  store: Store;
  log: Log;
  clock: { now(): Date };
  newId(prefix: string): string;
  mailCode: LoginCodesParts["mail"];
  showsProjects: ShowsProjects;
  redeeming: Redeeming;
}

/** How often a replica looks whether another key signs, or a new one is to be published. */
const reloadKeysMs = 30_000;

/** Starts the OpenID Provider with its pages. */
export async function openProvider(parts: OpenProviderParts): Promise<Running & { port: number }> {
  const { config, store, log, clock, newId } = parts;
  const { origin, environment, platformOperators, billingOperators, mobileRedirects } = config;
  const database = `${config.mongodbDatabasePrefix}_identity`;
  const documents = await openDocuments({ uri: config.mongodbUri, database });
  const sealing = openSealing(config.encryptionKeys);
  const accounts = openAccounts({ store, newId, clock, platformOperators, billingOperators });
  const serviceAccounts = serviceAccountClients({ store, clock });
  const sessions = sessionRecords({ store, clock });
  const counters = loginCounters({ documents, sealing, clock });
  const { count } = counters;
  const isDevelopment = environment === "development";
  const limits = loginLimits({ isDevelopment });
  const isSecure = origin.startsWith("https:");
  const visits = outsideVisits({ store, documents, sealing, clock, origin, isDevelopment });
  const passkeys = passkeyCeremonies({ origin, sealing, clock });
  const keys = signingKeys({ store, sealing, clock });
  const gatewayKeys = await readGatewayKeys(config.serviceKeysFile);
  const current = await currentProvider(
    {
      ...{ origin, gatewayKeys, mobileRedirects, accounts, serviceAccounts, sessions, sealing, documents, clock, log },
      showsProjects: parts.showsProjects,
    },
    keys,
  );
  const refusals = loginRefusals({ store, log });
  const listener = await listen({
    accounts,
    refusals,
    codes: loginCodes({ documents, sealing, counters, limits, clock, mail: parts.mailCode }),
    outside: outsideLogins({ store, visits, newId, isSecure, refusals }),
    passkeyLogins: passkeyLogins({ store, accounts, passkeys, count, limits, refusals, log }),
    printedCodes: printedCodeLogins({ documents, redeeming: parts.redeeming, passkeys, count, limits, clock }),
    count,
    limits,
    isSecure,
    emailUndo: emailUndo({ store, sealing, clock }),
    origin,
    port: config.httpPort,
    log,
    current: current.serving,
  });
  return {
    port: listener.port,
    leave: () => listener.leave?.(),
    async stop() {
      current.stop();
      await listener.stop();
      await refusals.stop();
      await documents.close();
    },
  };
}

/** The provider with the keys that the database has now. A request that is under way keeps the one that it began with. */
async function currentProvider(
  parts: ProviderParts,
  keys: SigningKeys,
): Promise<{ serving(): ServingProvider; stop(): void }> {
  let ring: KeyRing = await keys.load();
  let serving = serve(parts, ring);
  const reload = async () => {
    const loaded = await keys.load();
    if (loaded.mark === ring.mark) return;
    ring = loaded;
    serving = serve(parts, ring);
    parts.log.info({ keys: ring.keys.length, signing: ring.keys[0]?.kid }, "signing keys changed");
  };
  const timer = setInterval(() => {
    reload().catch((error: unknown) =>
      parts.log.warn({ err: error }, "signing keys could not be read; the known ones stay"),
    );
  }, reloadKeysMs);
  return { serving: () => serving, stop: () => clearInterval(timer) };
}

function serve(parts: ProviderParts, ring: KeyRing): ServingProvider {
  const provider = openIdProvider(parts, ring);
  return { provider, answer: provider.callback() };
}

/** The gateway's public keys, with which it proves that it is the client `partake-web`. */
async function readGatewayKeys(path: string): Promise<JWK[]> {
  const { keys } = JSON.parse(await readFile(path, "utf8")) as { keys: JWK[] };
  return keys.filter((key) => key.kid === "gateway" && key.kty === "OKP");
}
