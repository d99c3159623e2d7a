import type { Operation } from "@partake/contract";
import { failure } from "@partake/failure";
import type { Enforcer, Outgoing } from "@partake/rpc";
import { requireAccepted } from "./accept.ts";
import { cachedAnswer } from "./caching.ts";
import type { Answer, Exchange, Params } from "./exchange.ts";
import type { Creation } from "./made-ids.ts";
import { type Preconditions, readPreconditions } from "./preconditions.ts";
import { asPrincipal, outgoingOf, type Principal, requirePrincipal, visitor } from "./principal.ts";
import type { Routed } from "./routes.ts";
import { type Message, messageAnswer, readMessage } from "./transcode.ts";

export interface UnaryParts {
  enforcer: Enforcer;
  invoke(operation: Operation, request: object, outgoing: Outgoing): Promise<object>;
  principal(exchange: Exchange, place?: string): Promise<Principal>;
  /** Counts a request of that person; refuses one too many. */
  limitUser(exchange: Exchange, principal: Principal): void;
  makeId(creation: Creation): Promise<string>;
  /** By operation: the prefix of a new thing's id. */
  idPrefixes: ReadonlyMap<string, string>;
}

/** Carries a request to the owner of its operation, and the answer back. One function for every operation of the contract. */
export async function carry(
  parts: UnaryParts,
  exchange: Exchange,
  found: { operation: Routed; params: Params },
): Promise<Answer> {
  const { operation } = found;
  if (operation.foreign) echoRequestId(exchange);
  requireAccepted(exchange.request.headers.accept, "application/json");
  // What caches hand to everybody is asked for by nobody in particular.
  const principal =
    operation.cacheSeconds === undefined ? await parts.principal(exchange) : await visitor(parts.enforcer);
  parts.limitUser(exchange, principal);
  requirePrincipal(operation, principal);
  const preconditions = readPreconditions(operation, exchange.request);
  const message = await readMessage(exchange, found);
  await giveId(parts, { operation, message, principal, preconditions });
  const answer = await asPrincipal(principal, (current) =>
    callAs(parts, { exchange, operation, message, preconditions, principal: current }),
  );
  return operation.cacheSeconds === undefined
    ? messageAnswer(operation, answer)
    : cachedAnswer(exchange.request, answer, operation.cacheSeconds);
}

const requestIdForm = /^[\x21-\x7e]{1,200}$/;

/** The client's own name of its request comes back with the answer, also with a refusal. (AuthZEN Authorization API 1.0, 10.1) */
function echoRequestId({ request, headers }: Exchange): void {
  const id = request.headers["x-request-id"];
  if (typeof id === "string" && requestIdForm.test(id)) headers.push("x-request-id", id);
}

export interface CallAs {
  exchange: Exchange;
  operation: Operation;
  message: Message;
  principal: Principal;
  preconditions?: Preconditions;
}

/** Asks the door's access rule first, as far as it goes without the record, and then the owner. */
export async function callAs(parts: Pick<UnaryParts, "enforcer" | "invoke">, call: CallAs): Promise<object> {
  const { exchange, operation, message, principal, preconditions } = call;
  if (operation.route !== undefined)
    await parts.enforcer.authorize({ operation, request: message, verified: principal.verified });
  return parts.invoke(operation, message, {
    ...outgoingOf(exchange, principal),
    ...preconditions,
    signal: exchange.signal,
    onTold: ({ grantsVersion }) => {
      if (grantsVersion !== undefined) exchange.headers.push("partake-grants-version", String(grantsVersion));
    },
  });
}

/** A creation whose client made no id gets one here, so that a repeat finds what the first attempt made. */
async function giveId(
  parts: UnaryParts,
  creation: { operation: Routed; message: Message; principal: Principal; preconditions: Preconditions },
): Promise<void> {
  const { operation, message, principal, preconditions } = creation;
  const prefix = parts.idPrefixes.get(operation.path);
  if (prefix === undefined || (message["id"] !== undefined && message["id"] !== "")) return;
  const { caller } = principal.verified;
  const { idempotencyKey } = preconditions;
  if (caller.kind !== "user" || idempotencyKey === undefined) throw failure("invalid", "idempotency_key_required");
  message["id"] = await parts.makeId({ userId: caller.userId, operation: operation.path, idempotencyKey, prefix });
}
