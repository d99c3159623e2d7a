import { type EventType, eventSchemas, eventTypes } from "@partake/contract";
import type { Assets } from "./assets.ts";
import { type Html, html, prose } from "./html.ts";
import { pageAnswer } from "./page.ts";
import { type JsonSchema, schemaTable } from "./schema-table.ts";

/** What this page reads of the AsyncAPI document. */
export interface EventDocument {
  info: { title: string; description: string };
  components: {
    messages: Readonly<Record<string, { name: string; examples?: readonly { headers: object; payload: object }[] }>>;
  };
}

/** The reference of the public events, rendered from the documents that are published. */
export function eventReferencePage(assets: Assets, document: EventDocument) {
  const schemas = eventSchemas() as Record<string, JsonSchema>;
  const listed = eventTypes.filter((eventType) => eventType.public);
  const topics = [...new Set(listed.map(({ topic }) => topic))];
  const examples = new Map(
    Object.values(document.components.messages).map(({ name, examples: given }) => [name, given?.[0]]),
  );
  const section = (eventType: EventType) =>
    eventSection({ eventType, schema: schemas[eventType.type], example: examples.get(eventType.type) });
  const body = html`<a class="skip" href="#content">Skip to the reference</a>
<header class="top"><a class="brand" href="/">Partake</a><span>Event reference</span><a href="/docs">API</a><a href="/asyncapi.json">AsyncAPI</a></header>
<div class="columns">
<nav aria-label="Events">
<input id="filter" type="search" placeholder="Find an event" aria-label="Find an event" autocomplete="off">
<p id="found" class="small" role="status"></p>
${topics.map(
  (topic) => html`<h2>${topic}</h2><ul>
${listed
  .filter((eventType) => eventType.topic === topic)
  .map(
    ({ type }) => html`<li><a href="#${type}">${shortName(type)}</a></li>
`,
  )}</ul>
`,
)}</nav>
<main id="content" tabindex="-1">
<h1>${document.info.title}</h1>
${document.info.description.split("\n\n").map(
  (paragraph) => html`<p>${prose(paragraph)}</p>
`,
)}
${topics.map(
  (topic) => html`<section><h2>Topic ${topic}</h2></section>
${listed.filter((eventType) => eventType.topic === topic).map(section)}`,
)}
</main>
</div>`;
  return pageAnswer(assets, {
    title: "Event reference",
    body,
    styles: ["page.css", "reference.css"],
    scripts: ["reference.js"],
  });
}

interface Described {
  eventType: EventType;
  schema: JsonSchema | undefined;
  example: { headers: object; payload: object } | undefined;
}

function eventSection({ eventType, schema, example }: Described): Html {
  const { type, summary, topic, key } = eventType;
  return html`<article id="${type}">
<h3><a href="#${type}">${shortName(type)}</a></h3>
<p class="route"><code>${type}</code></p>
<p>${prose(summary)}</p>
<p class="access">On the topic <code>${topic}</code>, in order for each <code>${key}</code>. <a href="/schemas/events/${type}.json">JSON Schema</a></p>
${schema ? schemaTable(schema) : undefined}
${
  example
    ? html`<details><summary>Example</summary><pre><code>${JSON.stringify(example.headers, null, 2)}

${JSON.stringify(example.payload, null, 2)}</code></pre></details>`
    : undefined
}
</article>
`;
}

/** credit-held, of org.partake.billing.credit-held.v1. */
function shortName(type: string): string {
  return type.split(".").slice(3, -1).join(".");
}
