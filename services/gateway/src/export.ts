import { once } from "node:events";
import { failure } from "@partake/failure";
import type { Answer, Exchange, Params } from "./exchange.ts";
import { attachmentOf } from "./files/file-name.ts";
import { asPrincipal, requirePrincipal } from "./principal.ts";
import type { Routed } from "./routes.ts";
import type { HeaderList } from "./security-headers.ts";
import { type Message, readMessage } from "./transcode.ts";
import { callAs, type UnaryParts } from "./unary.ts";

export type ExportParts = UnaryParts & { fileHeaders: HeaderList };

interface Part {
  text: string;
  nextCursor: string;
}

/** More parts than any table has. */
const mostParts = 50_000;
const silenceMs = 60_000;
const mediaTypes: Record<string, string> = { csv: "text/csv; charset=utf-8", jsonl: "application/jsonl" };

/**
 * Sends a table as it is read, one part after the other: however long it is, no more than a part is held. Each part is asked for
 * anew, so it ends where the right to it ends; a table that is cut off shows that by how its answer ends.
 */
export async function exportTable(
  parts: ExportParts,
  exchange: Exchange,
  found: { operation: Routed; params: Params },
): Promise<Answer | undefined> {
  const { operation } = found;
  const message = await readMessage(exchange, found);
  const principal = await parts.principal(exchange);
  parts.limitUser(exchange, principal);
  requirePrincipal(operation, principal);
  const read = (cursor: string): Promise<Part> =>
    asPrincipal(principal, async (current) => {
      const call = { exchange, operation, message: { ...message, cursor }, principal: current };
      return (await callAs(parts, call)) as Part;
    });
  if (message["cursor"]) throw failure("invalid", "invalid_request", { errors: [beginning] });
  let part = await read("");
  begin(parts, exchange, { operation, message });
  const { response } = exchange;
  response.setTimeout(silenceMs, () => response.destroy());
  for (let sent = 0; exchange.method !== "HEAD" && sent < mostParts; sent += 1) {
    if (!response.write(part.text)) await once(response, "drain", { signal: exchange.signal });
    if (part.nextCursor === "") break;
    part = await read(part.nextCursor);
  }
  response.end();
  return undefined;
}

const beginning = { pointer: "/cursor", code: "not_allowed", message: "an export is read from its beginning" };

function begin({ fileHeaders }: ExportParts, exchange: Exchange, of: { operation: Routed; message: Message }): void {
  const format = String(of.message["format"]);
  const name = /([a-z-]+):export$/.exec(of.operation.route.path)?.[1] ?? "export";
  exchange.response.writeHead(200, [
    ...fileHeaders,
    ...exchange.headers,
    ...["cache-control", "no-store", "partake-request-id", exchange.requestId],
    ...["content-type", mediaTypes[format] ?? "text/plain; charset=utf-8"],
    ...["content-disposition", attachmentOf(`${name}.${format}`)],
  ]);
}
