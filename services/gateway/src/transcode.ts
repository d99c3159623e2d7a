// Between HTTP and the messages of the contract: nothing here knows any one operation.
import { coerceQuery, type FieldError, foreign, validate } from "@partake/contract";
import { failure } from "@partake/failure";
import type { Answer, Exchange, Params } from "./exchange.ts";
import { readJsonObject, refuseBody } from "./json-body.ts";
import type { Routed } from "./routes.ts";
import { routedOperations } from "./routes.ts";

export type Message = Record<string, unknown>;

const jsonHeaders = ["content-type", "application/json", "cache-control", "no-store"] as const;
const emptyHeaders = ["cache-control", "no-store"] as const;

/** The request message that a path, a query and a body make together, as its contract wants it. */
export async function readMessage(exchange: Exchange, found: { operation: Routed; params: Params }): Promise<Message> {
  const { operation, params } = found;
  const { route } = operation;
  const message = route.body ? await readBody(exchange, operation) : readQuery(exchange, operation);
  for (const field of route.pathFields) message[field] = params[field] ?? "";
  const errors = validate(operation.request, message);
  if (errors.length > 0) throw invalid(operation.foreign ? errors.map((error) => asSent(operation, error)) : errors);
  return message;
}

function asSent({ request }: Routed, error: FieldError): FieldError {
  return { ...error, pointer: foreign.pointer(request, error.pointer) };
}

function readQuery({ request, query }: Exchange, { request: name, route }: Routed): Message {
  refuseBody(request);
  if (query === "") return {};
  const { value, errors } = coerceQuery(name, route.queryFields, new URLSearchParams(query));
  if (errors.length > 0) throw invalid(errors);
  return value;
}

async function readBody({ request, query }: Exchange, operation: Routed): Promise<Message> {
  refuseQuery(operation, query);
  const sent = await readJsonObject(request);
  const body = operation.foreign ? foreign.read(operation.request, sent) : sent;
  const twice = operation.route.pathFields.filter((field) => Object.hasOwn(body, field));
  if (twice.length > 0) {
    throw invalid(twice.map((field) => ({ pointer: `/${field}`, code: "unknown", message: "belongs into the path" })));
  }
  return body;
}

export function refuseQuery(operation: Routed, query: string): void {
  if (query === "") return;
  const { errors } = coerceQuery(operation.request, [], new URLSearchParams(query));
  if (errors.length > 0) throw invalid(errors);
}

export function requireValid(name: string, message: Message): void {
  const errors = validate(name, message);
  if (errors.length > 0) throw invalid(errors);
}

function invalid(errors: readonly FieldError[]) {
  return failure("invalid", "invalid_request", { errors });
}

/** What a success says in HTTP: the status of the contract, the version as entity tag, and where a new thing is to be read. */
export function messageAnswer(operation: Routed, message: object): Answer {
  const { status } = operation.route;
  if (status === 204) return { status, headers: emptyHeaders };
  const { id, version } = message as { id?: unknown; version?: unknown };
  const body = JSON.stringify(operation.foreign ? foreign.write(operation.response, message) : message);
  if (typeof version !== "number") return { status, headers: jsonHeaders, body };
  const headers = [...jsonHeaders, "etag", `"${version}"`];
  const place = status === 201 && typeof id === "string" ? locationOf(operation, id) : undefined;
  if (place !== undefined) headers.push("location", place);
  return { status, headers, body };
}

/** Where a thing is read again: the one operation that gets a message of that kind by its id alone. */
const readersByResponse = new Map(
  routedOperations
    .filter(({ route }) => route.method === "GET" && route.pathFields.length === 1 && route.path.endsWith("_id}"))
    .map((operation) => [operation.response, operation.route.path]),
);

export function locationOf(operation: Routed, id: string): string | undefined {
  return readersByResponse.get(operation.response)?.replace(/\{\w+\}/, encodeURIComponent(id));
}
