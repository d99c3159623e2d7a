// One operation of the OpenAPI document.
import { isRequired } from "./constraints.ts";
import { exampleMessage } from "./examples.ts";
import { createForeign } from "./foreign.ts";
import { fieldSchema, type Schema, type SchemaOptions } from "./json-schema.ts";
import { emptyMessage } from "./messages.ts";
import type { Contract, Field, Message } from "./model.ts";
import { generalStatuses } from "./openapi-parts.ts";
import { bodyMessage, type Routed, sentReference, takenReference } from "./routed.ts";

export interface OperationObject {
  operationId: string;
  [member: string]: unknown;
}

export function operationObject(contract: Contract, operation: Routed): OperationObject {
  const request = contract.messages.get(operation.request);
  if (!request) throw new Error(`no message ${operation.request}`);
  const [first = operation.name] = operation.summary.split(/(?<=\.)\s/);
  const about = [operation.summary];
  if (operation.features.length > 0) about.push(`Features: ${operation.features.join(", ")}.`);
  const body = requestBody(contract, operation, request);
  return {
    operationId: operation.name.charAt(0).toLowerCase() + operation.name.slice(1),
    tags: [operation.service],
    summary: first.replace(/\.$/, ""),
    description: about.join("\n\n"),
    parameters: parameters(contract, operation, request),
    ...(body ? { requestBody: body } : {}),
    responses: { ...success(contract, operation), ...refusals(operation) },
    ...(operation.access.kind === "public" ? { security: [] } : {}),
    "x-partake-access": operation.fresh ? { ...operation.access, fresh: true } : operation.access,
    ...(operation.features.length > 0 ? { "x-partake-features": operation.features } : {}),
  };
}

function parameters(contract: Contract, { route, ...operation }: Routed, request: Message): object[] {
  const named = (names: readonly string[]) =>
    names.flatMap((name) => request.fields.filter((field) => field.name === name));
  const options: SchemaOptions = { reference: takenReference(contract), direction: "taken", mayBeEmpty: true };
  const inPath = named(route.pathFields).map((field) => ({ ...parameter(field, options), in: "path", required: true }));
  // Who exports a table gets all of it: that it travels in parts is between the services.
  const asked = route.queryFields.filter((name) => operation.bytes !== "export" || name !== "cursor");
  const inQuery = named(asked).map((field) => ({
    ...parameter(field, options),
    in: "query",
    required: isRequired(field),
    ...(field.shape === "repeated" ? { style: "form", explode: true } : {}),
  }));
  const reference = (name: string) => ({ $ref: `#/components/parameters/${name}` });
  return [
    ...inPath,
    ...inQuery,
    ...(operation.needsIdempotencyKey ? [reference("IdempotencyKey")] : []),
    ...(operation.needsIfMatch ? [reference("IfMatch")] : []),
    ...(operation.bytes === "events" ? [reference("LastEventId")] : []),
    ...(operation.bytes === "upload" ? [reference("ContentDisposition")] : []),
  ];
}

/** What limit and cursor mean is the same everywhere, so the protos do not repeat it. */
const pageDescriptions: Record<string, string> = {
  limit: "How many items a page holds at most; 0 or absent: as many as the server chooses.",
  cursor: "`nextCursor` of the page before; empty or absent: the first page. Bound to the caller, filter and order.",
};

function parameter(field: Field, options: SchemaOptions): { name: string; schema: Schema } {
  const { description, ...schema } = fieldSchema(field, options);
  const text = description ?? pageDescriptions[field.name];
  return { name: field.name, ...(text === undefined ? {} : { description: text }), schema };
}

function requestBody(contract: Contract, operation: Routed, request: Message): object | undefined {
  if (!operation.route.body) return undefined;
  if (operation.bytes === "upload") {
    const content = { "*/*": { schema: { type: "string", format: "binary" } } };
    return { required: true, description: "The file itself, of the type that Content-Type says.", content };
  }
  const { fields } = bodyMessage(request, operation);
  const whole = exampleMessage(contract, request.name);
  const example = operation.foreign
    ? createForeign(contract).write(request.name, whole)
    : Object.fromEntries(fields.filter(({ name }) => name in whole).map(({ name }) => [name, whole[name]]));
  const schema = sentReference(contract)(request.name);
  // An operation with nothing to say is sent an empty object: without a body there is no content type to go by.
  return { required: true, content: { "application/json": { schema: { $ref: schema }, example } } };
}

function success(contract: Contract, operation: Routed): Record<string, object> {
  const { status } = operation.route;
  if (operation.response === emptyMessage) return { [status]: { description: "Done." } };
  if (operation.bytes === "download") return downloads(status);
  if (operation.bytes === "export") return exported(status);
  const schema = { $ref: sentReference(contract)(operation.response) };
  if (operation.bytes === "events") {
    const content = { "text/event-stream": { schema: { type: "string" }, "x-partake-event": schema } };
    return { [status]: { description: "Server-sent events; the data of each is a message as JSON.", content } };
  }
  const hasVersion = contract.messages.get(operation.response)?.fields.some(({ name }) => name === "version");
  const cached = operation.cacheSeconds === undefined ? [] : ["CacheTag", "CacheControl"];
  const named = [...(hasVersion ? ["ETag"] : []), ...cached, ...(status === 201 ? ["Location"] : [])];
  const headers = named.length > 0 ? { headers: headerReferences(named) } : {};
  const own = exampleMessage(contract, operation.response);
  const example = operation.foreign ? createForeign(contract).write(operation.response, own) : own;
  const description = status === 201 ? "Made." : "Done.";
  const done = { [status]: { description, ...headers, content: { "application/json": { schema, example } } } };
  if (operation.cacheSeconds === undefined) return done;
  return { ...done, 304: { description: "The answer is the one that the client has." } };
}

/** A whole file, the part that Range asks for, or nothing where If-None-Match names what the client has (RFC 9110). */
function downloads(status: number): Record<string, object> {
  const headers = { "Content-Disposition": { $ref: "#/components/headers/ContentDisposition" } };
  const content = { "*/*": { schema: { type: "string", format: "binary" } } };
  return {
    [status]: { description: "The file, as an attachment.", headers, content },
    206: { description: "A part of the file.", headers, content },
    304: { description: "The file is the one that the client has." },
    416: { description: "The file has no such part." },
  };
}

/** What a header is called where its component has another name. */
const headerNames: Record<string, string> = { CacheTag: "ETag", CacheControl: "Cache-Control" };

/** A table in the format that was asked for; cut off where it could not be read to its end. */
function exported(status: number): Record<string, object> {
  const headers = { "Content-Disposition": { $ref: "#/components/headers/ContentDisposition" } };
  const text = { schema: { type: "string" } };
  const content = { "text/csv": text, "application/jsonl": text };
  return { [status]: { description: "The table, as an attachment.", headers, content } };
}

function headerReferences(names: readonly string[]): Record<string, object> {
  return Object.fromEntries(names.map((name) => [headerNames[name] ?? name, { $ref: `#/components/headers/${name}` }]));
}

function refusals(operation: Routed): Record<string, object> {
  const named = Object.entries(generalStatuses(operation)).map(([status, name]) => [
    status,
    { $ref: `#/components/responses/${name}` },
  ]);
  const general: Record<string, object> = Object.fromEntries(named);
  if (operation.refusals.length === 0) return general;
  const reason = { type: "string", examples: operation.refusals };
  const schema = { allOf: [{ $ref: "#/components/schemas/Problem" }, { type: "object", properties: { reason } }] };
  const description = `The operation's own refusals, by \`reason\`: ${operation.refusals.join(", ")}.`;
  return { ...general, "4XX": { description, content: { "application/problem+json": { schema } } } };
}
