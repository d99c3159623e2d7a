// What a contract must hold before any process serves it. A breach is a programmer's error: it names the RPC or field.
import type { Contract, EventType, Field, Message, Operation } from "./model.ts";
import { isServiceName } from "./services.ts";

/** Shapes of ids that stand for a person. A public event may hold none. */
const personIds = ["usr", "con", "par"];
const publicFormats: readonly string[] = ["date-time", "date", "time-zone", "language"];
const compactedTopics = ["roles", "presence", "scopes"];
const anyUuid = "0190163d-8694-739b-aea5-966c26f8ad91";
const freeText = ["Anna Smith, 12 High Street", "anna", "anna@example.org", "0", " "];

export function assertContract(contract: Contract): void {
  const paths = new Set<string>();
  for (const operation of contract.operations) {
    assertAccess(contract, operation);
    assertRoute(contract, operation);
    assertCache(operation);
    assertViewing(contract, operation);
    assertExport(contract, operation);
    const route = operation.route && `${operation.route.method} ${operation.route.path.replace(/\{\w+\}/g, "{}")}`;
    if (route !== undefined && paths.has(route))
      throw new Error(`${operation.path}: another RPC has the route ${route}`);
    if (route !== undefined) paths.add(route);
  }
  const types = new Set<string>();
  const broadcasts = new Map<string, boolean>();
  for (const type of contract.eventTypes) {
    if (types.has(type.type)) throw new Error(`${type.message}: another event has the type ${type.type}`);
    types.add(type.type);
    assertEvent(contract, type);
    if ((broadcasts.get(type.topic) ?? type.broadcast) !== type.broadcast)
      throw new Error(`${type.message}: ${type.topic} is a broadcast for all of its events or for none`);
    broadcasts.set(type.topic, type.broadcast);
  }
}

/** The field that a camelCase path leads to, or undefined. */
export function fieldAt(contract: Contract, message: string, path: string): Field | undefined {
  const [first, ...rest] = path.split(".");
  const field = contract.messages.get(message)?.fields.find(({ name }) => name === first);
  if (rest.length === 0 || !field) return field;
  return "message" in field.kind ? fieldAt(contract, field.kind.message, rest.join(".")) : undefined;
}

/** Whether the field or anything in it is personal. */
export function isPersonal(contract: Contract, field: Field): boolean {
  if (field.personal) return true;
  const nested = "message" in field.kind ? contract.messages.get(field.kind.message) : undefined;
  return nested?.fields.some((inner) => isPersonal(contract, inner)) ?? false;
}

function assertAccess(contract: Contract, operation: Operation): void {
  const { access, path } = operation;
  if (access.kind === "services" && operation.route)
    throw new Error(`${path}: only services may call it, so it can have no route`);
  if (access.kind === "services" && !access.services.every(isServiceName)) throw new Error(`${path}: unknown service`);
  if (access.kind !== "permission") return;
  if (access.scope !== undefined) assertId(path, "scope", fieldAt(contract, operation.request, access.scope));
  if (access.within !== undefined) {
    const named = fieldAt(contract, operation.request, access.within.field);
    if (named?.rule.id !== "prj") throw new Error(`${path}: within names no project of the request`);
  }
  if (access.record === undefined) return;
  const inResponse = fieldAt(contract, operation.response, access.record);
  if (access.record === "items" && inResponse?.shape === "repeated") return;
  const inRequest = fieldAt(contract, operation.request, access.record);
  // A standard's ids have whatever form: what is none of ours is unknown.
  if (operation.foreign && inRequest !== undefined) return;
  assertId(path, "record", inRequest);
}

/** What a cache keeps it hands to everybody. */
function assertCache({ path, cacheSeconds, access, route, bytes }: Operation): void {
  if (cacheSeconds === undefined) return;
  const isSame = access.kind === "public" && route?.method === "GET" && (bytes === "none" || bytes === "download");
  if (!isSame) throw new Error(`${path}: only what anyone may read can be cached`);
  if (!Number.isInteger(cacheSeconds) || cacheSeconds < 1 || cacheSeconds > 60)
    throw new Error(`${path}: what is hidden must be hidden within a minute`);
}

function assertId(path: string, part: string, field: Field | undefined): void {
  const isId = field && (field.rule.id !== undefined || field.rule.pattern !== undefined) && field.shape !== "map";
  if (!isId) throw new Error(`${path}: its ${part} names no id field of the request`);
}

function assertRoute(contract: Contract, operation: Operation): void {
  const { route, path } = operation;
  if (!route) {
    if (operation.bytes !== "none") throw new Error(`${path}: bytes travel only on a route`);
    return;
  }
  if (operation.requestStream) throw new Error(`${path}: a request stream can have no route`);
  if (operation.responseStream !== (operation.bytes === "events"))
    throw new Error(`${path}: a stream on a route is one of events`);
  for (const name of [...route.pathFields, ...route.queryFields]) {
    const field = fieldAt(contract, operation.request, name);
    if (!field) throw new Error(`${path}: its route names no field ${name} of the request`);
    if (isPersonal(contract, field)) throw new Error(`${path}: the personal field ${name} would be in a URL`);
    if ("message" in field.kind || field.shape === "map") throw new Error(`${path}: a URL cannot hold ${name}`);
  }
  for (const name of route.pathFields) {
    const field = fieldAt(contract, operation.request, name);
    const isSafe =
      field?.shape === "implicit" && field.rule.required && (field.rule.id ?? field.rule.pattern) !== undefined;
    if (!isSafe) throw new Error(`${path}: ${name} in the path must be a required id`);
  }
}

function assertViewing(contract: Contract, { viewing, path, request }: Operation): void {
  if (viewing === undefined) return;
  const { action, subject } = viewing;
  if (!contract.vocabularies.get("audit_action")?.some(({ word }) => word === action))
    throw new Error(`${path}: ${action} is no word of the audit trail`);
  if (subject !== undefined && fieldAt(contract, request, subject)?.rule.id === undefined)
    throw new Error(`${path}: what is viewed is named by no id of the request`);
}

/** The gateway asks for one part after the other, whatever the table is. Nobody takes one away on an old log-in. (R24) */
function assertExport(contract: Contract, { bytes, path, request, response, fresh }: Operation): void {
  if (bytes !== "export") return;
  if (!fresh) throw new Error(`${path}: an export asks for a fresh proof of identity`);
  const has = (message: string, names: readonly string[]) => names.every((name) => fieldAt(contract, message, name));
  if (!has(request, ["format", "cursor"]) || !has(response, ["text", "nextCursor"]))
    throw new Error(`${path}: an export takes format and cursor, and gives text and next_cursor`);
}

function assertEvent(contract: Contract, type: EventType): void {
  const key = fieldAt(contract, type.message, type.key);
  if (key?.shape !== "implicit" || !("scalar" in key.kind) || key.kind.scalar !== "string" || !key.rule.required) {
    throw new Error(`${type.message}: its key ${type.key} is no required text`);
  }
  const mustCompact = compactedTopics.includes(type.topic);
  if (mustCompact !== type.compacted)
    throw new Error(`${type.message}: ${type.topic} ${mustCompact ? "must be" : "is not"} compacted`);
  const message = contract.messages.get(type.message);
  if (type.public && message) assertPublic(contract, message);
}

function assertPublic(contract: Contract, message: Message): void {
  for (const field of message.fields) {
    const name = `${message.name}.${field.name}`;
    if (field.personal) throw new Error(`${name}: personal, in a public event`);
    if (field.shape === "map") throw new Error(`${name}: a map holds free text, in a public event`);
    if ("message" in field.kind) {
      const nested = contract.messages.get(field.kind.message);
      if (nested) assertPublic(contract, nested);
    } else if (field.kind.scalar === "string") {
      assertImpersonalText(name, field);
    }
  }
}

function assertImpersonalText(name: string, { rule }: Field): void {
  if (rule.id !== undefined) {
    if (personIds.includes(rule.id)) throw new Error(`${name}: the id of a person, in a public event`);
    return;
  }
  if (rule.oneOf !== undefined) return;
  if (rule.format !== undefined) {
    if (!publicFormats.includes(rule.format))
      throw new Error(`${name}: ${rule.format} may identify a person, in a public event`);
    return;
  }
  if (rule.pattern === undefined) throw new Error(`${name}: free text, in a public event`);
  const pattern = new RegExp(`^(?:${rule.pattern})$`, "u");
  if (personIds.some((prefix) => pattern.test(`${prefix}_${anyUuid}`)))
    throw new Error(`${name}: the id of a person, in a public event`);
  if (freeText.some((text) => pattern.test(text)))
    throw new Error(`${name}: its pattern allows free text, in a public event`);
}
