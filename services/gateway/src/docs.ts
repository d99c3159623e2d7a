import { gzipSync } from "node:zlib";
import { asyncApi, eventSchemas, openApi } from "@partake/contract";
import { failure } from "@partake/failure";
import type { Answer, Handler } from "./exchange.ts";
import { type ApiDocument, apiReferencePage } from "./pages/api-reference.ts";
import type { Assets } from "./pages/assets.ts";
import { type EventDocument, eventReferencePage } from "./pages/event-reference.ts";

export interface DocsParts {
  origin: string;
  /** A Kafka bootstrap address, for the document of the events. */
  broker: string;
  assets: Assets;
}

export interface Docs {
  apiPage: Handler;
  eventPage: Handler;
  openApi: Handler;
  asyncApi: Handler;
  eventSchema: Handler;
}

/** The published documents and the pages that show them; each made when somebody first asks for it. */
export function createDocs({ origin, broker, assets }: DocsParts): Docs {
  const schemas = eventSchemas();
  return {
    apiPage: made(() => apiReferencePage(assets, openApi({ origin }) as ApiDocument)),
    eventPage: made(() => eventReferencePage(assets, asyncApi({ broker }) as EventDocument)),
    openApi: made(() => document(openApi({ origin }))),
    asyncApi: made(() => document(asyncApi({ broker }))),
    eventSchema(_exchange, { file = "" }) {
      const schema = file.endsWith(".json") ? schemas[file.slice(0, -".json".length)] : undefined;
      if (!schema) throw failure("not_found", "not_found");
      return document(schema, "application/schema+json");
    },
  };
}

function document(value: object, type = "application/json"): Answer {
  return {
    status: 200,
    headers: ["content-type", type, "cache-control", "no-cache"],
    body: JSON.stringify(value, null, 2),
  };
}

/** The references are large and the same for everybody, so they are packed once. */
function made(make: () => Answer): Handler {
  let answers: { plain: Answer; packed: Answer } | undefined;
  return ({ request }) => {
    answers ??= packedToo(make());
    return /\bgzip\b/.test(String(request.headers["accept-encoding"] ?? "")) ? answers.packed : answers.plain;
  };
}

function packedToo(answer: Answer): { plain: Answer; packed: Answer } {
  const plain = { ...answer, headers: [...answer.headers, "vary", "accept-encoding"] };
  const packed = {
    ...plain,
    headers: [...plain.headers, "content-encoding", "gzip"],
    body: gzipSync(answer.body ?? ""),
  };
  return { plain, packed };
}
