// The TypeScript of every message, as proto/gen/types.ts. A message is typed as it is after decoding; those of requests also
// as a sender may write them, with everything optional that may be left out.
import { isRequired, mayBeEmpty } from "./constraints.ts";
import { emptyMessage } from "./messages.ts";
import type { Contract, Field, Message, Operation } from "./model.ts";

const header = `// Generated from the protos by "npm run generate -w @partake/contract". Do not edit.\n`;

export function typesSource(contract: Contract): string {
  const requests = reachable(
    contract,
    contract.operations.map(({ request }) => request),
  );
  const names = [...contract.messages.keys()];
  const parts = names.map((name) => {
    const message = contract.messages.get(name);
    if (!message) throw new Error(`no message ${name}`);
    const isRequest = requests.has(name);
    return `${decodedType(contract, message, isRequest)}${isRequest ? inputType(contract, message) : ""}`;
  });
  return [header, ...parts, vocabularyType(contract), servicesType(contract), eventsType(contract)].join("\n");
}

/** The names of the messages that these lead to, with themselves. */
export function reachable(contract: Contract, from: readonly string[]): Set<string> {
  const found = new Set<string>();
  const waiting = [...from];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    if (found.has(name)) continue;
    found.add(name);
    for (const { kind } of contract.messages.get(name)?.fields ?? []) if ("message" in kind) waiting.push(kind.message);
  }
  return found;
}

export function docComment(text: string, indent: string): string {
  const lines = text.split("\n").map((line) => line.trim().replaceAll("*/", "* /"));
  const full = lines.filter((line) => line !== "");
  if (full.length === 0) return "";
  if (full.length === 1) return `${indent}/** ${full[0]} */\n`;
  return `${indent}/**\n${full.map((line) => `${indent} * ${line}\n`).join("")}${indent} */\n`;
}

/** The type of a message as its sender may write it. */
export function inputType(contract: Contract, message: Message): string {
  const fields = message.fields.map((field) => {
    const type = fieldType(contract, field, { suffix: "Input", canBeEmpty: false });
    return `${docComment(field.comment, "  ")}  ${field.name}${isRequired(field) ? `: ${type}` : `?: ${type} | undefined`};\n`;
  });
  const comment = docComment(message.comment || `What a sender of ${message.shortName} gives.`, "");
  return `${comment}${declaration(`${nameOf(contract, message.name)}Input`, fields)}`;
}

export function decodedType(contract: Contract, message: Message, canBeEmpty: boolean): string {
  const fields = message.fields.map((field) => {
    const type = fieldType(contract, field, { suffix: "", canBeEmpty });
    return `${docComment(field.comment, "  ")}  ${field.name}${field.shape === "explicit" && !field.rule.required ? `?: ${type} | undefined` : `: ${type}`};\n`;
  });
  return `${docComment(message.comment, "")}${declaration(nameOf(contract, message.name), fields)}`;
}

/** The features, access and text of an operation, as its doc comment. */
export function operationComment(operation: Operation): string {
  const features = operation.features.length > 0 ? ` (${operation.features.join(", ")})` : "";
  return `${operation.summary}${features}`;
}

export function nameOf(contract: Contract, message: string): string {
  const found = contract.messages.get(message);
  if (!found) throw new Error(`no message ${message}`);
  return found.shortName;
}

function declaration(name: string, fields: readonly string[]): string {
  if (fields.length === 0) return `export type ${name} = Record<string, never>;\n`;
  return `export interface ${name} {\n${fields.join("")}}\n`;
}

function fieldType(contract: Contract, field: Field, as: { suffix: string; canBeEmpty: boolean }): string {
  const one = oneType(contract, field, as);
  if (field.shape === "repeated") return one.includes(" ") ? `(${one})[]` : `${one}[]`;
  if (field.shape === "map") return `Record<string, ${one}>`;
  return one;
}

function oneType(contract: Contract, field: Field, as: { suffix: string; canBeEmpty: boolean }): string {
  if ("message" in field.kind) {
    const name = nameOf(contract, field.kind.message);
    return field.kind.message === emptyMessage ? name : `${name}${as.suffix}`;
  }
  if (field.kind.scalar === "bool") return "boolean";
  if (field.kind.scalar !== "string") return "number";
  if (!field.rule.oneOf) return "string";
  const words = as.canBeEmpty && mayBeEmpty(field) ? [...field.rule.oneOf, ""] : field.rule.oneOf;
  return words.map((word) => JSON.stringify(word)).join(" | ");
}

function vocabularyType({ vocabularies }: Contract): string {
  const words = (vocabularies.get("audit_action") ?? []).map(({ word }) => `\n  | ${JSON.stringify(word)}`);
  return `/** Every word of the audit trail. */\nexport type AuditAction =${words.join("") || " never"};\n`;
}

function servicesType(contract: Contract): string {
  const services = [...new Set(contract.operations.map(({ service }) => service))];
  const parts = services.map((service) => {
    const own = contract.operations.filter((operation) => operation.service === service);
    const members = own.map((operation) => {
      const name = operation.name.charAt(0).toLowerCase() + operation.name.slice(1);
      const [request, response] = [nameOf(contract, operation.request), nameOf(contract, operation.response)];
      return `${docComment(operationComment(operation), "    ")}    ${name}: { request: ${request}; input: ${request}Input; response: ${response} };\n`;
    });
    return `  ${service}: {\n${members.join("")}  };\n`;
  });
  const comment =
    "/** Every RPC by its service: the request as its handler gets it, as its sender may write it, and the response. */\n";
  return `${comment}export interface Services {\n${parts.join("")}}\n`;
}

function eventsType(contract: Contract): string {
  const members = contract.eventTypes.map(
    (eventType) =>
      `${docComment(eventType.summary, "  ")}  ${JSON.stringify(eventType.type)}: ${nameOf(contract, eventType.message)};\n`,
  );
  return `/** The data of every event, by its CloudEvents type. */\nexport interface Events {\n${members.join("")}}\n`;
}
