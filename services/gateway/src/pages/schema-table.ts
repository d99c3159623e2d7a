// What a JSON Schema of the contract says, as a table that people read.
import { type Html, html, prose } from "./html.ts";

export interface JsonSchema {
  $ref?: string;
  type?: string | readonly string[];
  description?: string;
  properties?: Readonly<Record<string, JsonSchema>>;
  required?: readonly string[];
  items?: JsonSchema;
  additionalProperties?: JsonSchema | boolean;
  enum?: readonly string[];
  format?: string;
  pattern?: string;
  minLength?: number;
  maxLength?: number;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
  "x-partake-personal"?: boolean;
}

const idPattern = /(?:^|\|\^)\^?([a-z]{3})_\[0-9a-f\]\{8\}/;
const int32 = 2_147_483_647;

/** The members of an object, a line each. */
export function schemaTable(schema: JsonSchema): Html {
  const members = Object.entries(schema.properties ?? {});
  if (members.length === 0) return html`<p>Nothing.</p>`;
  const required = new Set(schema.required);
  return html`<table><thead><tr><th>Member</th><th>Type</th><th>What it is</th></tr></thead><tbody>
${members.map(([name, member]) => schemaRow({ name, schema: member, isRequired: required.has(name) }))}
</tbody></table>`;
}

export function schemaRow({
  name,
  schema,
  isRequired,
}: {
  name: string;
  schema: JsonSchema;
  isRequired: boolean;
}): Html {
  const marks = [
    ...(isRequired ? [html` <span class="mark">required</span>`] : []),
    ...(schema["x-partake-personal"] ? [html` <span class="mark personal">personal</span>`] : []),
  ];
  return html`<tr><td><code>${name}</code>${marks}</td><td>${typeOf(schema)}</td><td>${prose(schema.description)} ${boundsOf(schema)}</td></tr>
`;
}

/** A type in a few words; a message as a link to its own table. */
export function typeOf(schema: JsonSchema): Html {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf("/") + 1);
    return html`<a href="#schema-${name}">${name}</a>`;
  }
  if (schema.enum)
    return html`one of ${schema.enum.map((word, index) => html`${index > 0 ? ", " : ""}<code>${word}</code>`)}`;
  if (schema.type === "array" && schema.items) return html`list of ${typeOf(schema.items)}`;
  if (schema.type === "object" && typeof schema.additionalProperties === "object") {
    return html`map of ${typeOf(schema.additionalProperties)}`;
  }
  const prefix = idPattern.exec(schema.pattern ?? "")?.[1];
  if (prefix !== undefined) return html`id <code>${prefix}_…</code>`;
  return html`${schema.format === undefined || schema.format === "int32" ? String(schema.type ?? "any") : schema.format}`;
}

function boundsOf(schema: JsonSchema): Html | undefined {
  const bounds = [
    ...(schema.minLength !== undefined && schema.minLength > 1 ? [`at least ${schema.minLength} characters`] : []),
    ...(schema.maxLength !== undefined && schema.format === undefined
      ? [`at most ${schema.maxLength} characters`]
      : []),
    ...(schema.minimum !== undefined && schema.minimum > -int32 - 1 ? [`from ${schema.minimum}`] : []),
    ...(schema.maximum !== undefined && schema.maximum < int32 ? [`to ${schema.maximum}`] : []),
    ...(schema.minItems !== undefined && schema.minItems > 0 ? [`at least ${schema.minItems} items`] : []),
    ...(schema.maxItems !== undefined ? [`at most ${schema.maxItems} items`] : []),
  ];
  return bounds.length === 0 ? undefined : html`<span class="bounds">${bounds.join(", ")}</span>`;
}
