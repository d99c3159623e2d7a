// Everything that the gateway answers: the operations of the contract, and what is its own.
import type { Handler } from "./exchange.ts";
import { exportTable } from "./export.ts";
import { type DownloadParts, download } from "./files/download.ts";
import { fileKindOf, fileReaderOf } from "./files/kinds.ts";
import { type UploadParts, upload } from "./files/upload.ts";
import { type WatchParts, watch } from "./live/watch.ts";
import { patternOf, type Routed, type RouteEntry } from "./routes.ts";
import { carry } from "./unary.ts";

/** Who serves a route. */
export interface Target {
  /** Its name in log and metrics. */
  label: string;
  handle: Handler;
  /** A person's browser goes there by itself: it is told of a refusal in a page. */
  isPage?: boolean;
  /** Proves who somebody is, so that it is limited more tightly. */
  isLogIn?: boolean;
  /** Stays open by nature, and is bounded elsewhere. */
  staysOpen?: boolean;
}

export type OperationParts = UploadParts & DownloadParts & WatchParts;

export function operationEntries(parts: OperationParts, operations: readonly Routed[]): RouteEntry<Target>[] {
  return operations.map((operation) => ({
    method: operation.route.method,
    pattern: patternOf(operation),
    target: {
      label: operation.path.slice(1),
      handle: handlerOf(parts, operation),
      staysOpen: operation.bytes === "events",
    },
  }));
}

function handlerOf(parts: OperationParts, operation: Routed): Handler {
  switch (operation.bytes) {
    case "none":
      return (exchange, params) => carry(parts, exchange, { operation, params });
    case "upload": {
      const kind = fileKindOf(operation);
      return (exchange, params) => upload(parts, exchange, { operation, params, kind });
    }
    case "download": {
      const reader = fileReaderOf(operation);
      return (exchange, params) => download(parts, exchange, { operation, params, reader });
    }
    case "export":
      return (exchange, params) => exportTable(parts, exchange, { operation, params });
    case "events":
      return async (exchange, params) => {
        await watch(parts, exchange, { operation, params });
        return undefined;
      };
    default:
      return operation.bytes satisfies never;
  }
}

/** What is the gateway's own. */
export interface OwnHandlers {
  landing: Handler;
  invitation: Handler;
  post: Handler;
  deletionRequest: Handler;
  passkeys: Handler;
  code: Handler;
  printing: Handler;
  assets: Handler;
  icon: Handler;
  apiPage: Handler;
  eventPage: Handler;
  openApi: Handler;
  asyncApi: Handler;
  eventSchema: Handler;
  resourceMetadata: Handler;
  authzenMetadata: Handler;
  beginLogIn: Handler;
  finishLogIn: Handler;
  logOut: Handler;
  showSession: Handler;
}

export function ownEntries(handlers: OwnHandlers): RouteEntry<Target>[] {
  const get = (pattern: string, target: Target): RouteEntry<Target> => ({ method: "GET", pattern, target });
  const metadata: Target = { label: "resource-metadata", handle: handlers.resourceMetadata };
  return [
    get("/", { label: "landing", handle: handlers.landing, isPage: true }),
    get("/invitations", { label: "invitation-page", handle: handlers.invitation, isPage: true }),
    get("/posts/:post", { label: "post-page", handle: handlers.post, isPage: true }),
    get("/deletion-requests/:request", {
      label: "deletion-request-page",
      handle: handlers.deletionRequest,
      isPage: true,
    }),
    get("/account/passkeys", { label: "passkeys-page", handle: handlers.passkeys, isPage: true }),
    get("/code", { label: "code-page", handle: handlers.code, isPage: true }),
    get("/participations/:participation/code", { label: "printing-page", handle: handlers.printing, isPage: true }),
    get("/assets/:file", { label: "assets", handle: handlers.assets }),
    get("/favicon.svg", { label: "icon", handle: handlers.icon }),
    get("/favicon.ico", { label: "icon", handle: handlers.icon }),
    get("/docs", { label: "docs", handle: handlers.apiPage, isPage: true }),
    get("/docs/events", { label: "docs-events", handle: handlers.eventPage, isPage: true }),
    get("/openapi.json", { label: "openapi", handle: handlers.openApi }),
    get("/asyncapi.json", { label: "asyncapi", handle: handlers.asyncApi }),
    get("/schemas/events/:file", { label: "event-schema", handle: handlers.eventSchema }),
    get("/.well-known/authzen-configuration", { label: "authzen-metadata", handle: handlers.authzenMetadata }),
    get("/.well-known/oauth-protected-resource", metadata),
    get("/.well-known/oauth-protected-resource/account", metadata),
    get("/.well-known/oauth-protected-resource/orgs/:organisation", metadata),
    get("/auth/login", { label: "log-in", handle: handlers.beginLogIn, isPage: true, isLogIn: true }),
    get("/auth/callback", { label: "log-in-callback", handle: handlers.finishLogIn, isPage: true, isLogIn: true }),
    get("/auth/session", { label: "session", handle: handlers.showSession }),
    { method: "POST", pattern: "/auth/logout", target: { label: "log-out", handle: handlers.logOut } },
  ];
}
