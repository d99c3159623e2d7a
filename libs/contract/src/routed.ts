// Operations with a route, and how the OpenAPI document names their parts.
import { type SchemaOptions, shortName } from "./json-schema.ts";
import type { Contract, Message, Operation } from "./model.ts";

export type Routed = Operation & { route: NonNullable<Operation["route"]> };

export function isRouted(operation: Operation): operation is Routed {
  return operation.route !== undefined;
}

/** The path with the names of JSON: /v1/projects/{projectId}:move. */
export function jsonPath({ route }: Routed): string {
  let index = 0;
  return route.path.replace(/\{\w+\}/g, () => `{${route.pathFields[index++]}}`);
}

/** The request without the fields that the path holds. */
export function bodyMessage(message: Message, { route }: Routed): Message {
  return { ...message, fields: message.fields.filter(({ name }) => !route.pathFields.includes(name)) };
}

export function sentReference(contract: Contract): SchemaOptions["reference"] {
  return (name) => `#/components/schemas/${shortName(contract, name)}`;
}

export function takenReference(contract: Contract): SchemaOptions["reference"] {
  return (name) => `#/components/schemas/${shortName(contract, name)}Input`;
}
