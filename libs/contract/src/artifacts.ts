// Every file that is generated from the protos, by its path in the repository.
import { asyncApiDocument } from "./asyncapi.ts";
import { clientSource } from "./client-source.ts";
import { publicEventSchemas } from "./json-schema.ts";
import type { Contract } from "./model.ts";
import { openApiDocument } from "./openapi.ts";
import { operationsTable } from "./operations-table.ts";
import { typesSource } from "./types-source.ts";
import { auditReference } from "./vocabularies.ts";

export const lockPath = "docs/reference/contract.lock.json";
/** Where only generated files are, so that one that is not generated any more is stale too. */
export const eventsDir = "docs/reference/events";

/** Names of no installation, as RFC 2606 reserves them. */
const exampleOrigin = "https://partake.example";
const exampleBroker = "kafka.partake.example:9092";

export function artifacts(contract: Contract): Map<string, string> {
  const schemas = Object.entries(publicEventSchemas(contract));
  return new Map([
    ["proto/gen/types.ts", typesSource(contract)],
    ["libs/client/src/gen/api.ts", clientSource(contract)],
    ["docs/reference/openapi.json", json(openApiDocument(contract, { origin: exampleOrigin }))],
    ["docs/reference/asyncapi.json", json(asyncApiDocument(contract, { broker: exampleBroker }))],
    ["docs/reference/operations.md", operationsTable(contract)],
    ["docs/reference/audit.md", auditReference(contract)],
    ...schemas.map(([type, schema]): [string, string] => [`${eventsDir}/${type}.schema.json`, json(schema)]),
  ]);
}

export function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}
