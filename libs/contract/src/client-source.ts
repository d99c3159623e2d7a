// The source of libs/client/src/gen/api.ts: the types of what clients send and get, and the routes as data.
import { isRequired } from "./constraints.ts";
import { emptyMessage } from "./messages.ts";
import type { Contract } from "./model.ts";
import { isRouted, jsonPath, type Routed } from "./routed.ts";
import { decodedType, docComment, inputType, nameOf, operationComment, reachable } from "./types-source.ts";

const header = [
  '// Generated from the protos by "npm run generate -w @partake/contract". Do not edit.',
  'import type { CallOptions, ConditionalCallOptions, DownloadedFile, FileToUpload } from "../call.ts";',
  'import type { RouteTable } from "../route.ts";',
  "",
].join("\n");

export function clientSource(contract: Contract): string {
  const routed = contract.operations.filter(isRouted).filter(({ foreign }) => !foreign);
  const services = [...new Set(routed.map(({ service }) => service))];
  const ofService = (service: string) => routed.filter((operation) => operation.service === service);
  const types = services.map(
    (service) =>
      `  ${camel(service)}: {\n${ofService(service)
        .map((operation) => method(contract, operation))
        .join("")}  };\n`,
  );
  const tables = services.map(
    (service) =>
      `  ${camel(service)}: {\n${ofService(service)
        .map((operation) => routeEntry(operation))
        .join("")}  },\n`,
  );
  return [
    header,
    `/** Every operation that has a route, by its service. */\nexport interface Api {\n${types.join("")}}\n`,
    `export const routes: RouteTable<Api> = {\n${tables.join("")}};\n`,
    ...messageTypes(contract, routed),
  ].join("\n");
}

function messageTypes(contract: Contract, routed: readonly Routed[]): string[] {
  const requests = routed.map(({ request }) => request);
  const taken = reachable(contract, requests);
  const sent = reachable(
    contract,
    routed.map(({ response }) => response),
  );
  return [...contract.messages.values()].flatMap((message) => {
    if (message.name === emptyMessage) return [];
    const parts = [];
    if (sent.has(message.name)) parts.push(decodedType(contract, message, taken.has(message.name)));
    if (taken.has(message.name)) parts.push(inputType(contract, message));
    return parts;
  });
}

function method(contract: Contract, operation: Routed): string {
  const request = contract.messages.get(operation.request);
  const mark = operation.needsIfMatch || request?.fields.some(isRequired) ? "" : "?";
  const response = operation.response === emptyMessage ? "void" : nameOf(contract, operation.response);
  const parameters = [`request${mark}: ${nameOf(contract, operation.request)}Input`];
  if (operation.bytes === "upload") parameters.push("file: FileToUpload");
  const signature = [
    ...parameters,
    operation.needsIfMatch ? "options: ConditionalCallOptions" : "options?: CallOptions",
  ].join(", ");
  const comment = docComment(operationComment(operation), "    ");
  return `${comment}    ${camel(operation.name)}(${signature}): ${returns(operation, response)};\n`;
}

function returns(operation: Routed, response: string): string {
  if (operation.bytes === "events") return `AsyncIterable<${response}>`;
  return `Promise<${operation.bytes === "download" || operation.bytes === "export" ? "DownloadedFile" : response}>`;
}

function routeEntry(operation: Routed): string {
  const { route } = operation;
  const entry = {
    method: route.method,
    path: jsonPath(operation),
    queryFields: route.queryFields,
    body: route.body,
    // A table comes like a file.
    bytes: operation.bytes === "export" ? "download" : operation.bytes,
    key: operation.needsIdempotencyKey,
    condition: operation.needsIfMatch,
    // A search only reads, whatever its method.
    repeatable: route.method === "GET" || operation.needsIdempotencyKey || route.path.endsWith(":search"),
  };
  return `    ${camel(operation.name)}: ${JSON.stringify(entry)},\n`;
}

function camel(name: string): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
