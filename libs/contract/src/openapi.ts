// The OpenAPI 3.1 document of the gateway.

import { foreignMessage, foreignMessages, foreignSchema } from "./foreign.ts";
import { oneLine, messageSchema as ownSchema, type Schema, type SchemaOptions } from "./json-schema.ts";
import { emptyMessage } from "./messages.ts";
import type { Contract, Message } from "./model.ts";
import { operationObject } from "./openapi-operation.ts";
import { commonHeaders, commonParameters, problemResponses, problemSchema, securitySchemes } from "./openapi-parts.ts";
import { bodyMessage, isRouted, jsonPath, type Routed, sentReference, takenReference } from "./routed.ts";
import { reachable } from "./types-source.ts";

export function openApiDocument(contract: Contract, { origin }: { origin: string }): object {
  const routed = contract.operations.filter(isRouted);
  const paths: Record<string, Record<string, unknown>> = {};
  const operationIds = new Set<string>();
  for (const operation of routed) {
    const path = jsonPath(operation);
    const object = operationObject(contract, operation);
    if (operationIds.has(object.operationId)) throw new Error(`${operation.path}: another RPC has this name`);
    operationIds.add(object.operationId);
    paths[path] = { ...paths[path], [operation.route.method.toLowerCase()]: object };
  }
  return {
    openapi: "3.1.0",
    info: { title: "Partake", version: "1", summary: "Participation and progress of people in projects.", description },
    servers: [{ url: origin }],
    tags: tags(contract, routed),
    security: [{ bearer: [] }, { session: [] }, { oidc: [] }],
    paths,
    components: {
      schemas: { ...schemas(contract, routed), Problem: problemSchema() },
      parameters: commonParameters,
      headers: commonHeaders,
      responses: problemResponses(),
      securitySchemes: securitySchemes(origin),
    },
  };
}

const description = [
  "JSON in camelCase. Every refusal is a problem document (RFC 9457) with a stable `code` and `reason`.",
  "Lists are pages: `limit` and `cursor` lead to `items` and `nextCursor`, which is empty at the end.",
  "A POST carries an `Idempotency-Key`: within 24 hours the same key with the same content has its effect once.",
  "A PATCH, PUT or DELETE carries `If-Match` with the ETag of the resource as it was read.",
  "`Partake-Grants-Version` in an answer says how new the rights are that it was decided by; sent back, nothing older counts.",
  "`x-partake-access` says who may call an operation, `x-partake-personal` which values tell something of a person.",
].join("\n\n");

function tags(contract: Contract, routed: readonly Routed[]): object[] {
  const used = contract.services.filter(({ name }) => routed.some(({ service }) => service === name));
  return used.map(({ name, comment }) => ({ name, description: oneLine(comment) }));
}

/** A message that is both sent and taken has a schema of each kind: what is taken is closed. */
function schemas(contract: Contract, routed: readonly Routed[]): Record<string, Schema> {
  const taken = reachable(
    contract,
    routed.map(({ request }) => request),
  );
  const sent = reachable(
    contract,
    routed.map(({ response }) => response),
  );
  const foreign = foreignMessages(contract);
  const messageSchema = (message: Message, options: SchemaOptions): Schema => {
    if (!foreign.has(message.name)) return ownSchema(message, options);
    const named = foreignMessage(message);
    return foreignSchema(named, ownSchema(named, options));
  };
  const found: [string, Schema][] = [];
  for (const message of contract.messages.values()) {
    if (message.name === emptyMessage) continue;
    if (sent.has(message.name)) {
      const options: SchemaOptions = {
        reference: sentReference(contract),
        direction: "sent",
        mayBeEmpty: taken.has(message.name),
      };
      found.push([message.shortName, messageSchema(message, options)]);
    }
    if (!taken.has(message.name)) continue;
    const users = routed.filter(({ request }) => request === message.name);
    const options: SchemaOptions = { reference: takenReference(contract), direction: "taken", mayBeEmpty: true };
    if (users.length === 0) found.push([`${message.shortName}Input`, messageSchema(message, options)]);
    const [user] = users.filter(({ route, bytes }) => route.body && bytes !== "upload");
    if (user) found.push([message.shortName, messageSchema(bodyMessage(message, user), options)]);
  }
  return Object.fromEntries(found);
}
