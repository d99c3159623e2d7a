import { operation } from "@partake/contract";
import type { Parts } from "@partake/service";
import type { Express } from "express";
import { createApp } from "./app.ts";
import { authzenMetadata } from "./authzen-metadata.ts";
import { clientAddressOf } from "./client-address.ts";
import { createDocs } from "./docs.ts";
import { createRequestFigures } from "./figures.ts";
import type { FileStore } from "./files/file-store.ts";
import { readIdPrefixes } from "./id-prefixes.ts";
import { createLimiter, type LimitSettings } from "./limits.ts";
import { createGrantsNow } from "./live/grants-now.ts";
import type { Hub } from "./live/hub.ts";
import { makeId } from "./made-ids.ts";
import { type Assets, loadAssets } from "./pages/assets.ts";
import { codePage } from "./pages/code.ts";
import { deletionRequestPage } from "./pages/deletion-request.ts";
import { invitationPage } from "./pages/invitation.ts";
import { landingPage } from "./pages/landing.ts";
import { passkeysPage } from "./pages/passkeys.ts";
import { postPage } from "./pages/post.ts";
import { printingPage } from "./pages/printing.ts";
import { refusalPage } from "./pages/refusal.ts";
import { asPrincipal, type PrincipalParts, principalOf } from "./principal.ts";
import { createProviderProxy, type ProviderProxy } from "./provider-proxy.ts";
import { resourceMetadata } from "./resource-metadata.ts";
import { createRoutes, routedOperations } from "./routes.ts";
import { type SecurityHeaders, securityHeaders } from "./security-headers.ts";
import { createAccessTokens } from "./sessions/access-tokens.ts";
import { type CookieNames, cookieNames } from "./sessions/cookies.ts";
import { beginLogIn, finishLogIn, type LogInParts } from "./sessions/log-in.ts";
import { logOut, showSession } from "./sessions/log-out.ts";
import { createProvider, type Provider } from "./sessions/provider.ts";
import { createSeal } from "./sessions/seal.ts";
import { ACCOUNT } from "./sessions/session.ts";
import { createSessionStore } from "./sessions/session-store.ts";
import { type OperationParts, type OwnHandlers, operationEntries, ownEntries } from "./targets.ts";
import { callAs } from "./unary.ts";

/** What of a running service the gateway needs. */
export type GatewayParts = Pick<Parts, "log" | "store" | "invoke" | "enforcer" | "metrics" | "clock" | "newId"> & {
  config: Pick<Parts["config"], "origin" | "identityHttpUrl" | "encryptionKeys" | "kafkaBrokers">;
};

export interface AssemblyOptions {
  parts: GatewayParts;
  hub: Hub;
  files: FileStore;
  limits: LimitSettings;
  /** The gateway's own private key, PKCS8 PEM. */
  privateKey: string;
  /** Addresses or ranges of the proxies in front of the gateway. */
  trustedProxies: readonly string[];
  /** Another OpenID Provider than identity, for tests. */
  provider?: Provider;
}

export interface Assembly {
  app: Express;
  close(): Promise<void>;
}

const getMe = operation("/partake.v1.Identity/GetMe");

/** Puts the gateway together from its parts. */
export function assemble(options: AssemblyOptions): Assembly {
  const { parts, limits, hub } = options;
  const { origin, identityHttpUrl } = parts.config;
  const nowMs = () => parts.clock.now().getTime();
  const cookies = cookieNames(origin);
  const security = securityHeaders({ isSecure: cookies.isSecure });
  const assets = loadAssets();
  const logIn = logInParts(options, cookies);
  const accessTokens = createAccessTokens(logIn);
  const people: PrincipalParts = { origin, enforcer: parts.enforcer, cookies, sessionStore: logIn.store, accessTokens };
  const operations = operationParts(options, { people, security });
  const own = ownHandlers({ options, logIn, people, assets, limitUser: operations.limitUser });
  const routes = createRoutes([...ownEntries(own), ...operationEntries(operations, routedOperations)]);
  const providerProxy: ProviderProxy = createProviderProxy({
    origin,
    identityHttpUrl,
    cookies,
    security: security.data,
  });
  const app = createApp({
    origin,
    log: parts.log,
    figures: createRequestFigures(parts.metrics, () => hub.size),
    clientAddressOf: clientAddressOf(options.trustedProxies),
    security,
    routes,
    providerProxy,
    addressLimiter: createLimiter(limits.address, nowMs),
    logInLimiter: createLimiter(limits.logIn, nowMs),
    inFlight: limits.inFlight,
    refusalPage: (context) => refusalPage(assets, context),
  });
  return { app, close: () => providerProxy.close() };
}

function logInParts({ parts, privateKey, provider }: AssemblyOptions, cookies: CookieNames): LogInParts {
  const { origin, identityHttpUrl, encryptionKeys } = parts.config;
  const now = () => parts.clock.now();
  const seal = createSeal(encryptionKeys.map((key) => Buffer.from(key, "base64")));
  return {
    origin,
    cookies,
    seal,
    provider: provider ?? createProvider({ origin, identityHttpUrl, privateKey, now }),
    store: createSessionStore({ store: parts.store, seal, now }),
    now,
  };
}

function operationParts(
  { parts, limits, hub, files }: AssemblyOptions,
  { people, security }: { people: PrincipalParts; security: SecurityHeaders },
): OperationParts {
  const { store, enforcer, clock } = parts;
  const nowMs = () => clock.now().getTime();
  const userLimiter = createLimiter(limits.user, nowMs);
  const uploadLimiter = createLimiter(limits.upload, nowMs);
  const invoke: OperationParts["invoke"] = (called, request, outgoing) => parts.invoke(called, request, outgoing);
  return {
    enforcer,
    invoke,
    principal: (exchange, place) => principalOf(people, exchange, place),
    limitUser: (exchange, { verified }) => {
      if (verified.caller.kind === "user") userLimiter.count(exchange, verified.caller.userId);
    },
    limitUpload: (exchange, { verified }) => {
      if (verified.caller.kind === "user") uploadLimiter.count(exchange, verified.caller.userId);
    },
    makeId: (creation) => makeId(creation, { store, newId: parts.newId, now: clock.now() }),
    idPrefixes: readIdPrefixes(routedOperations, people.origin),
    files,
    fileHeaders: security.file,
    hub,
    grantsNow: createGrantsNow({ invoke }),
    attendance: hub.attendance,
    dataHeaders: security.data,
    now: () => clock.now(),
  };
}

interface Own {
  options: AssemblyOptions;
  logIn: LogInParts;
  people: PrincipalParts;
  assets: Assets;
  limitUser: OperationParts["limitUser"];
}

function ownHandlers({ options, logIn, people, assets, limitUser }: Own): OwnHandlers {
  const { enforcer, invoke, config } = options.parts;
  const { origin, kafkaBrokers } = config;
  const reading = { enforcer, invoke, people, assets, limitUser };
  const docs = createDocs({ origin, broker: kafkaBrokers[0] ?? "", assets });
  return {
    landing: landingPage(assets, logIn.cookies.session),
    invitation: invitationPage(assets, logIn.cookies.session),
    post: postPage(reading),
    deletionRequest: deletionRequestPage(reading),
    passkeys: passkeysPage(assets, logIn.cookies.session),
    code: codePage(assets, logIn.cookies.session),
    printing: printingPage(assets, { sessionCookie: logIn.cookies.session, origin }),
    assets: assets.handler,
    icon: assets.icon,
    ...docs,
    resourceMetadata: resourceMetadata(origin),
    authzenMetadata: authzenMetadata(origin),
    beginLogIn: beginLogIn(logIn),
    finishLogIn: finishLogIn(logIn),
    logOut: logOut(logIn),
    showSession: showSession(logIn, async (exchange) => {
      const principal = await principalOf(people, exchange, ACCOUNT);
      const call = { exchange, operation: getMe, message: {} };
      return asPrincipal(principal, (current) => callAs({ enforcer, invoke }, { ...call, principal: current }));
    }),
  };
}
