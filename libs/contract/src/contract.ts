// The door of @partake/contract: what the protos declare, ready for use. Importing it reads and asserts them, so a process
// whose contract is broken does not start.
import { asyncApiDocument } from "./asyncapi.ts";
import { createCodecs } from "./codec.ts";
import { createForeign } from "./foreign.ts";
import { publicEventSchemas } from "./json-schema.ts";
import { createKnown } from "./known.ts";
import type { EventType, Operation } from "./model.ts";
import { openApiDocument } from "./openapi.ts";
import { createCoerceQuery } from "./query.ts";
import { readContract } from "./reading.ts";
import { createRedact } from "./redaction.ts";
import { createValidate } from "./validation.ts";

export type { FieldError } from "@partake/failure";
export type { AuditAction, Events, Services } from "@partake/proto/types";
export { newId } from "./ids.ts";
export type { Access, Codec, EventType, FieldErrorCode, Operation, Route, ServiceName, Within } from "./model.ts";

const contract = readContract();
const operationsByPath = new Map(contract.operations.map((operation) => [operation.path, operation]));
const eventTypesByName = new Map(contract.eventTypes.map((eventType) => [eventType.type, eventType]));

export const operations: readonly Operation[] = contract.operations;
export const eventTypes: readonly EventType[] = contract.eventTypes;

/** Every word of the audit trail. */
export const auditActions: ReadonlySet<string> = new Set(
  contract.vocabularies.get("audit_action")?.map(({ word }) => word),
);

/** The operation of an RPC's path: /partake.v1.Projects/CreateProject. */
export function operation(path: string): Operation {
  const found = operationsByPath.get(path);
  if (!found) throw new Error(`no RPC ${path}`);
  return found;
}

/** The event type of a CloudEvents type. */
export function eventType(type: string): EventType {
  const found = eventTypesByName.get(type);
  if (!found) throw new Error(`no event type ${type}`);
  return found;
}

/** What is wrong with a value that claims to be a message, such as partake.v1.Project; empty if nothing is. */
export const validate = createValidate(contract);

/** A value without what its message does not declare: what a newer sender added is left out. */
export const known = createKnown(contract);

/** The wire form of a message. Encoding throws a TypeError on a wrong type and leaves out what the message does not know. */
export const codec = createCodecs(contract);

/** Between a message and the JSON of a published standard, for operations that say so. */
export const foreign = createForeign(contract);

/** A query string as typed fields of a message, of those that are allowed. */
export const coerceQuery = createCoerceQuery(contract);

/** A message for the log: each personal field becomes "[personal]", whatever the contract does not know is left out. */
export const redact = createRedact(contract);

/** The OpenAPI 3.1 document of the gateway at an origin. */
export function openApi(options: { origin: string }): object {
  return openApiDocument(contract, options);
}

/** The AsyncAPI 3.0 document of the public topics at a Kafka bootstrap address. */
export function asyncApi(options: { broker: string }): object {
  return asyncApiDocument(contract, options);
}

/** JSON Schemas (2020-12) of the data of public events, by event type. */
export function eventSchemas(): Record<string, object> {
  return publicEventSchemas(contract);
}
