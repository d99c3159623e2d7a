// Operations, from the services of the parsed protos: route, access and what else an RPC declares.
import protobuf from "protobufjs";
import { camelCase, emptyMessage, plainName } from "./messages.ts";
import {
  type Access,
  type Message,
  type Operation,
  type Route,
  type Service,
  type ServiceName,
  serviceNames,
  type Within,
} from "./model.ts";
import { declared, entries, OptionReader, refuseOthers } from "./protos.ts";

const methods = ["get", "post", "patch", "put", "delete"] as const;
const httpOption = "(google.api.http)";
const bytesKinds: Record<string, Operation["bytes"]> = {
  BYTES_NONE: "none",
  BYTES_UPLOAD: "upload",
  BYTES_DOWNLOAD: "download",
  BYTES_EVENTS: "events",
  BYTES_EXPORT: "export",
};

export function readOperations(root: protobuf.Root, messages: ReadonlyMap<string, Message>): Operation[] {
  return protoServices(root).flatMap((service) =>
    service.methodsArray.map((method) => readOperation(service, method, messages)),
  );
}

export function readServices(root: protobuf.Root): Service[] {
  return protoServices(root).map((service) => ({
    name: service.name,
    owner: ownerOf(service),
    comment: service.comment ?? "",
  }));
}

function protoServices(root: protobuf.Root): protobuf.Service[] {
  const found = root.lookup("partake.v1");
  if (!(found instanceof protobuf.Namespace)) return [];
  const services = found.nestedArray.filter((nested) => nested instanceof protobuf.Service);
  return services.sort((a, b) => serviceNames.indexOf(ownerOf(a)) - serviceNames.indexOf(ownerOf(b)));
}

function ownerOf(service: protobuf.Service): ServiceName {
  const owner = service.name.toLowerCase();
  if (!isServiceName(owner)) throw new Error(`${plainName(service)}: no service of Partake is called ${owner}`);
  return owner;
}

export function isServiceName(name: string): name is ServiceName {
  return (serviceNames as readonly string[]).includes(name);
}

/** The trailing list of feature ids, "(P1, B1)", apart from the sentences before it. */
export function splitFeatures(comment: string): { summary: string; features: string[] } {
  const text = comment.replace(/\s+/g, " ").trim();
  const listed = /^(.*?)\s*\(([A-Z]\d+(?:, [A-Z]\d+)*)\)$/.exec(text);
  return listed
    ? { summary: listed[1] ?? "", features: (listed[2] ?? "").split(", ") }
    : { summary: text, features: [] };
}

function readOperation(
  service: protobuf.Service,
  method: protobuf.Method,
  messages: ReadonlyMap<string, Message>,
): Operation {
  const name = plainName(method);
  refuseOthers(method, ["google.api.http", "access", "bytes", "refusals", "cache", "reads", "foreign", "viewing"]);
  const request = messageName(method, method.requestType);
  const response = messageName(method, method.responseType);
  const fields = messages.get(request)?.fields ?? [];
  const route = readRoute(
    name,
    method,
    fields.map(({ name }) => name),
  );
  const idPrefix = route?.status !== 201 ? undefined : fields.find((field) => field.name === "id")?.rule.id;
  const access = readAccess(name, declared(method, "access"));
  const fresh = readFresh(name, declared(method, "access"));
  if (fresh && access.kind !== "permission" && access.kind !== "account")
    throw new Error(`${name}: asks for fresh proof of nobody`);
  const kind = route?.method;
  const cacheSeconds = readCache(name, declared(method, "cache"));
  const isSearch = route?.path.endsWith(":search") ?? false;
  const reads = isSearch || declared(method, "reads") === true;
  return {
    name: method.name,
    service: service.name,
    owner: ownerOf(service),
    path: `/${plainName(service)}/${method.name}`,
    request,
    response,
    requestStream: method.requestStream ?? false,
    responseStream: method.responseStream ?? false,
    ...(route ? { route } : {}),
    access,
    fresh,
    bytes: readBytes(name, declared(method, "bytes")),
    ...(idPrefix === undefined ? {} : { idPrefix }),
    ...(cacheSeconds === undefined ? {} : { cacheSeconds }),
    ...readViewing(name, declared(method, "viewing")),
    refusals: readWords(name, declared(method, "refusals")),
    needsIdempotencyKey: kind === "POST" && !reads && access.kind !== "public",
    foreign: declared(method, "foreign") === true,
    needsIfMatch: kind === "PATCH" || kind === "PUT" || kind === "DELETE",
    ...splitFeatures(method.comment ?? ""),
  };
}

function messageName(method: protobuf.Method, typeName: string): string {
  const found = method.parent?.lookup(typeName);
  if (!(found instanceof protobuf.Type)) throw new Error(`${plainName(method)}: no message ${typeName}`);
  return plainName(found);
}

function readRoute(name: string, method: protobuf.Method, fields: readonly string[]): Route | undefined {
  const declaredRoutes = entries(method).flatMap(([option, value]) => (option === httpOption ? [value] : []));
  if (declaredRoutes.length === 0) return undefined;
  if (declaredRoutes.length > 1) throw new Error(`${name}: more than one route`);
  const reader = new OptionReader(name, declaredRoutes[0], [...methods, "body"]);
  const kinds = methods.filter((kind) => reader.string(kind) !== undefined);
  const [kind] = kinds;
  if (!kind || kinds.length > 1) throw new Error(`${name}: a route has exactly one HTTP method`);
  const path = reader.string(kind) ?? "";
  if (!/^(\/([a-z0-9-]+|\{[a-z0-9_]+\}))+(:[a-z-]+)?$/.test(path)) throw new Error(`${name}: malformed path ${path}`);
  const body = reader.string("body");
  if (body !== undefined && body !== "*") throw new Error(`${name}: body must be "*"`);
  const hasBody = kind === "post" || kind === "patch" || kind === "put";
  if (hasBody !== (body === "*")) throw new Error(`${name}: ${kind} ${hasBody ? "needs" : "cannot have"} a body`);
  const pathFields = [...path.matchAll(/\{([a-z0-9_]+)\}/g)].map(([, field]) => camelCase(field ?? ""));
  // The id of what a POST makes is the client's; the id of an uploaded file is made by the gateway. ":verb" makes nothing new.
  const isNamed = fields.includes("id") || declared(method, "bytes") === "BYTES_UPLOAD";
  const makesNew = kind === "post" && isNamed && !path.includes(":");
  const isNothing = method.parent?.lookup(method.responseType)?.fullName === `.${emptyMessage}`;
  const status = isNothing ? 204 : makesNew ? 201 : 200;
  const queryFields = hasBody ? [] : fields.filter((field) => !pathFields.includes(field));
  return { method: kind.toUpperCase() as Route["method"], path, pathFields, queryFields, body: hasBody, status };
}

const accessOptions = [
  "public",
  "account",
  "permission",
  "services",
  "scope",
  "record",
  "fresh",
  "within",
  "within_permission",
];

function readFresh(name: string, value: unknown): boolean {
  return value !== undefined && new OptionReader(name, value, accessOptions).boolean("fresh");
}

function readAccess(name: string, value: unknown): Access {
  if (value === undefined) throw new Error(`${name}: declares no access`);
  const reader = new OptionReader(name, value, accessOptions);
  const kinds = [
    reader.boolean("public"),
    reader.boolean("account"),
    reader.string("permission") !== undefined,
    reader.string("services") !== undefined,
  ];
  if (kinds.filter(Boolean).length !== 1) throw new Error(`${name}: declares not exactly one kind of access`);
  const [scope, record] = [reader.string("scope"), reader.string("record")];
  const permission = reader.string("permission");
  if (permission === undefined && (scope ?? record) !== undefined)
    throw new Error(`${name}: scope or record without a permission`);
  if (scope !== undefined && record !== undefined) throw new Error(`${name}: both a scope and a record`);
  if (permission !== undefined) {
    if (!/^[a-z_]+\.[a-z_]+$/.test(permission)) throw new Error(`${name}: malformed permission ${permission}`);
    return {
      kind: "permission",
      permission,
      ...(scope === undefined ? {} : { scope: camelCase(scope) }),
      ...(record === undefined ? {} : { record: camelCase(record) }),
      ...readWithin(name, reader),
    };
  }
  const services = reader.words("services");
  if (!services) return { kind: reader.boolean("public") ? "public" : "account" };
  const [unknown] = services.filter((service) => !isServiceName(service));
  if (unknown !== undefined || services.length === 0)
    throw new Error(`${name}: no service of Partake is called ${unknown}`);
  return { kind: "services", services: services.filter(isServiceName) };
}

function readWithin(name: string, reader: OptionReader): { within?: Within } {
  const [field, permission] = [reader.string("within"), reader.string("within_permission")];
  if (field === undefined && permission === undefined) return {};
  if (field === undefined || permission === undefined)
    throw new Error(`${name}: within needs a field and a permission`);
  return { within: { field: camelCase(field), permission } };
}

function readBytes(name: string, value: unknown): Operation["bytes"] {
  const kind = bytesKinds[String(value ?? "BYTES_NONE")];
  if (!kind) throw new Error(`${name}: unknown bytes ${String(value)}`);
  return kind;
}

function readCache(name: string, value: unknown): number | undefined {
  return value === undefined ? undefined : new OptionReader(name, value, ["max_age_seconds"]).number("max_age_seconds");
}

function readViewing(name: string, value: unknown): Pick<Operation, "viewing"> {
  if (value === undefined) return {};
  const reader = new OptionReader(name, value, ["action", "subject", "bulk"]);
  const [action, subject] = [reader.string("action"), reader.string("subject")];
  if (action === undefined) throw new Error(`${name}: a view without the word for it`);
  return {
    viewing: { action, ...(subject !== undefined && { subject: camelCase(subject) }), bulk: reader.boolean("bulk") },
  };
}

function readWords(name: string, value: unknown): string[] {
  if (value === undefined) return [];
  if (typeof value !== "string") throw new Error(`${name}: refusals must be words`);
  const words = value.split(" ").filter(Boolean);
  const [malformed] = words.filter((word) => !/^[a-z]+(_[a-z]+)*$/.test(word));
  if (malformed !== undefined) throw new Error(`${name}: malformed reason ${malformed}`);
  return words;
}
