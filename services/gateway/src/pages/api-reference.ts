import type { Access } from "@partake/contract";
import type { Assets } from "./assets.ts";
import { type Html, html, prose } from "./html.ts";
import { pageAnswer } from "./page.ts";
import { type JsonSchema, schemaRow, schemaTable, typeOf } from "./schema-table.ts";

/** What this page reads of the OpenAPI document. */
export interface ApiDocument {
  info: { title: string; description: string };
  servers: readonly { url: string }[];
  tags: readonly { name: string; description: string }[];
  paths: Readonly<Record<string, Readonly<Record<string, ApiOperation>>>>;
  components: {
    schemas: Readonly<Record<string, JsonSchema>>;
    parameters: Readonly<Record<string, ApiParameter>>;
    responses: Readonly<Record<string, { description: string }>>;
  };
}

interface ApiOperation {
  operationId: string;
  tags: readonly string[];
  summary: string;
  description: string;
  parameters: readonly (ApiParameter | { $ref: string })[];
  requestBody?: { content: Readonly<Record<string, ApiContent>> };
  responses: Readonly<
    Record<string, { description?: string; $ref?: string; content?: Readonly<Record<string, ApiContent>> }>
  >;
  "x-partake-access": Access;
}

interface ApiParameter {
  name: string;
  in: string;
  required?: boolean;
  description?: string;
  schema: JsonSchema;
}

interface ApiContent {
  schema: JsonSchema;
  example?: unknown;
}

interface Placed extends ApiOperation {
  method: string;
  path: string;
}

/** The reference of the interface, rendered from the document that it publishes. */
export function apiReferencePage(assets: Assets, document: ApiDocument) {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(
      ([method, operation]): Placed => ({ ...operation, method: method.toUpperCase(), path }),
    ),
  );
  const groups = document.tags.map((tag) => ({
    ...tag,
    operations: operations.filter(({ tags }) => tags.includes(tag.name)),
  }));
  const body = html`<a class="skip" href="#content">Skip to the reference</a>
<header class="top"><a class="brand" href="/">Partake</a><span>API reference</span><a href="/docs/events">Events</a><a href="/openapi.json">OpenAPI</a></header>
<div class="columns">
<nav aria-label="Operations">
<input id="filter" type="search" placeholder="Find an operation" aria-label="Find an operation" autocomplete="off">
<p id="found" class="small" role="status"></p>
${groups.map(
  (group) => html`<h2>${group.name}</h2><ul>
${group.operations.map(
  (
    operation,
  ) => html`<li><a href="#${operation.operationId}">${badge(operation.method)}<span>${titleOf(operation)}</span></a></li>
`,
)}</ul>
`,
)}<h2>Messages</h2><ul>${Object.keys(document.components.schemas).map(
    (name) => html`<li><a href="#schema-${name}">${name}</a></li>
`,
  )}</ul>
</nav>
<main id="content" tabindex="-1">
<h1>${document.info.title}</h1>
${document.info.description.split("\n\n").map(
  (paragraph) => html`<p>${prose(paragraph)}</p>
`,
)}
${groups.map(
  (group) => html`<section><h2>${group.name}</h2><p>${prose(group.description)}</p></section>
${group.operations.map((operation) => operationSection(document, operation))}`,
)}
<section><h2>Messages</h2></section>
${Object.entries(document.components.schemas).map(
  ([
    name,
    schema,
  ]) => html`<article id="schema-${name}"><h3><a href="#schema-${name}">${name}</a></h3><p>${prose(schema.description)}</p>${schemaTable(schema)}</article>
`,
)}
</main>
</div>`;
  return pageAnswer(assets, {
    title: "API reference",
    body,
    styles: ["page.css", "reference.css"],
    scripts: ["reference.js"],
  });
}

function operationSection(document: ApiDocument, operation: Placed): Html {
  const { method, path, operationId, description } = operation;
  const parameters = operation.parameters.map((parameter) =>
    "$ref" in parameter ? resolved(document, parameter.$ref) : parameter,
  );
  const sent = Object.entries(operation.requestBody?.content ?? {})[0];
  return html`<article id="${operationId}">
<h3><a href="#${operationId}">${titleOf(operation)}</a></h3>
<p class="route">${badge(method)} <code>${path}</code></p>
${description.split("\n\n").map(
  (paragraph) => html`<p>${prose(paragraph)}</p>
`,
)}<p class="access">${accessOf(operation["x-partake-access"])}</p>
${parameters.length > 0 ? parameterTable(parameters) : undefined}
${sent ? html`<h4>Body <span class="type">${sent[0]}</span></h4><p>${typeOf(sent[1].schema)}</p>` : undefined}
<h4>Answers</h4><ul class="answers">${Object.entries(operation.responses).map(([status, response]) => answerItem(document, status, response))}</ul>
<details><summary>Example</summary><pre><code>${exampleOf(document, operation, sent)}</code></pre></details>
</article>
`;
}

function parameterTable(parameters: readonly ApiParameter[]): Html {
  return html`<h4>Parameters</h4><table><thead><tr><th>Parameter</th><th>Type</th><th>What it is</th></tr></thead><tbody>
${parameters.map(({ name, in: place, required = false, description = "", schema }) =>
  schemaRow({ name, isRequired: required, schema: { ...schema, description: `${description} (${place})`.trim() } }),
)}</tbody></table>`;
}

function answerItem(document: ApiDocument, status: string, response: Placed["responses"][string]): Html {
  const name = response.$ref?.slice(response.$ref.lastIndexOf("/") + 1) ?? "";
  const description = response.description ?? document.components.responses[name]?.description;
  const content = Object.values(response.content ?? {})[0];
  const message = content?.schema.$ref === undefined ? undefined : html` ${typeOf(content.schema)}`;
  return html`<li><code>${status}</code> ${prose(description)}${message}</li>
`;
}

function exampleOf(document: ApiDocument, operation: Placed, sent: [string, ApiContent] | undefined): string {
  const origin = document.servers[0]?.url ?? "";
  const lines = [`curl -X ${operation.method} '${origin}${operation.path}'`, `-H "Authorization: Bearer $TOKEN"`];
  const names = operation.parameters.flatMap((parameter) => ("$ref" in parameter ? [parameter.$ref] : []));
  if (names.some((name) => name.endsWith("/IdempotencyKey"))) lines.push(`-H "Idempotency-Key: $(uuidgen)"`);
  if (names.some((name) => name.endsWith("/IfMatch"))) lines.push(`-H 'If-Match: "3"'`);
  if (sent?.[1].example !== undefined) {
    lines.push(
      `-H 'Content-Type: ${sent[0]}'`,
      `-d '${JSON.stringify(sent[1].example, null, 2).replaceAll("'", "’")}'`,
    );
  }
  const request = lines.join(" \\\n  ");
  const received = Object.values(operation.responses).flatMap(
    ({ content }) => content?.["application/json"]?.example ?? [],
  )[0];
  return received === undefined ? request : `${request}\n\n${JSON.stringify(received, null, 2)}`;
}

function accessOf(access: Access): Html {
  switch (access.kind) {
    case "public":
      return html`Anyone may call it.`;
    case "account":
      return html`Any person who is logged in may call it, for their own affairs.`;
    case "services":
      return html`Only services may call it.`;
    case "permission":
      return html`Needs the permission <code>${access.permission}</code>${access.scope === undefined ? "." : html` on <code>${access.scope}</code>.`}`;
    default:
      return access satisfies never;
  }
}

function resolved(document: ApiDocument, reference: string): ApiParameter {
  const found = document.components.parameters[reference.slice(reference.lastIndexOf("/") + 1)];
  if (!found) throw new Error(`the document refers to ${reference}, which it lacks`);
  return found;
}

/** "Create project", of createProject. */
function titleOf({ operationId }: ApiOperation): string {
  const words = operationId.replace(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`);
  return words.charAt(0).toUpperCase() + words.slice(1);
}

function badge(method: string): Html {
  return html`<span class="method ${method.toLowerCase()}">${method}</span>`;
}
