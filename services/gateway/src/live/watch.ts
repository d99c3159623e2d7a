import type { IncomingMessage } from "node:http";
import { failure } from "@partake/failure";
import { requireAccepted } from "../accept.ts";
import type { Exchange, Params } from "../exchange.ts";
import { asPrincipal, type Principal, requirePrincipal } from "../principal.ts";
import type { Routed } from "../routes.ts";
import type { HeaderList } from "../security-headers.ts";
import { readMessage } from "../transcode.ts";
import type { UnaryParts } from "../unary.ts";
import type { GrantsNow } from "./grants-now.ts";
import type { Hub } from "./hub.ts";
import { openStream, type Stream } from "./stream.ts";

export interface WatchParts extends UnaryParts {
  hub: Hub;
  grantsNow: GrantsNow;
  dataHeaders: HeaderList;
  now(): Date;
}

const maxCursorLength = 200;
/** After how long a browser comes back when the stream ends. */
const reconnectMs = 2_000;

/** Opens a stream of what happens, of what this person may see, until their token ends or they go away. */
export async function watch(
  parts: WatchParts,
  exchange: Exchange,
  found: { operation: Routed; params: Params },
): Promise<void> {
  const { operation } = found;
  const { request, response } = exchange;
  requireAccepted(request.headers.accept, "text/event-stream");
  const message = await readMessage(exchange, found);
  const first = await parts.principal(exchange, message["organisation"] as string | undefined);
  parts.limitUser(exchange, first);
  requirePrincipal(operation, first);
  const principal = await asPrincipal(first, async (current) => {
    await parts.enforcer.authorize({ operation, request: message, verified: current.verified });
    // What a stream leaves out nobody is told of, so it begins with a token that knows all that its person holds.
    if (watcherOf(current).fresh !== undefined) throw failure("unauthenticated", "token_stale");
    return current;
  });
  const caller = watcherOf(principal);
  parts.hub.admit(caller.userId);
  response.writeHead(200, [
    ...parts.dataHeaders,
    ...exchange.headers,
    ...["content-type", "text/event-stream", "cache-control", "no-store", "x-accel-buffering", "no"],
    ...["partake-request-id", exchange.requestId],
  ]);
  if (exchange.method === "HEAD") {
    response.end();
    return;
  }
  const cursor = readCursor(request);
  // Whoever comes back stays where they were until what they missed is told.
  response.write(
    cursor === undefined ? `retry: ${reconnectMs}\nid: ${parts.hub.now()}\n\n` : `retry: ${reconnectMs}\n\n`,
  );
  const authorization = `Bearer ${principal.token}`;
  const stream = openStream({
    response,
    caller,
    verify: (grantsVersion = 0) => parts.enforcer.authenticate({ authorization, grantsVersion }),
    grantsNow: () => parts.grantsNow(caller.organisationId),
    isSessionOpen: principal.isOpen,
    now: parts.hub.now,
  });
  await lifeOf(parts, { exchange, stream, cursor, expiresAtMs: principal.verified.expiresAtMs });
}

function watcherOf({ verified }: Principal) {
  const { caller } = verified;
  if (caller.kind !== "user" || caller.organisationId === undefined) throw failure("unauthenticated", "token_invalid");
  return { ...caller, organisationId: caller.organisationId };
}

function readCursor({ headers }: IncomingMessage): string | undefined {
  const given = headers["last-event-id"];
  return typeof given === "string" && given !== "" ? given.slice(0, maxCursorLength) : undefined;
}

interface Life {
  exchange: Exchange;
  stream: Stream;
  cursor: string | undefined;
  expiresAtMs: number;
}

async function lifeOf({ hub, now }: WatchParts, { exchange, stream, cursor, expiresAtMs }: Life): Promise<void> {
  const { response } = exchange;
  // Who went away while it was asked who they are has no other end to be waited for.
  if (response.destroyed) return;
  hub.add(stream, cursor);
  // The token is looked at again when it has just ended, and then says so itself.
  const expiry = setTimeout(() => stream.beat(), Math.max(0, expiresAtMs - now().getTime()) + 50);
  await new Promise<void>((resolve) => response.once("close", resolve));
  clearTimeout(expiry);
  hub.remove(stream);
}
