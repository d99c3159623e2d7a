import type { IncomingMessage } from "node:http";
import { failure } from "@partake/failure";
import { parseStrictJson } from "./strict-json.ts";

export const maxBodyBytes = 1024 * 1024;
const bodyTimeoutMs = 10_000;
const jsonType = /^application\/json[ \t]*(;[ \t]*charset="?utf-8"?[ \t]*)?$/i;
const utf8 = new TextDecoder("utf-8", { fatal: true });

/** The JSON object that a request carries. */
export async function readJsonObject(request: IncomingMessage): Promise<Record<string, unknown>> {
  requireJson(request);
  const bytes = await readBytes(request, { maxBytes: maxBodyBytes, timeoutMs: bodyTimeoutMs });
  const value = parseStrictJson(textOf(bytes));
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw failure("invalid", "invalid_request", {
      errors: [{ pointer: "", code: "type", message: "must be an object" }],
    });
  }
  return value as Record<string, unknown>;
}

/** Refuses the body of a request that has none to give: GET, DELETE. (RFC 9110, section 9.3.1) */
export function refuseBody(request: IncomingMessage): void {
  const length = request.headers["content-length"];
  if ((length !== undefined && length !== "0") || request.headers["transfer-encoding"] !== undefined) {
    throw failure("invalid", "unexpected_body", {
      errors: [{ pointer: "", code: "unknown", message: "must not have a body" }],
    });
  }
}

function requireJson(request: IncomingMessage): void {
  const { "content-type": type, "content-encoding": encoding } = request.headers;
  if (encoding !== undefined && encoding.toLowerCase() !== "identity") {
    throw failure("unsupported_media_type", "content_encoding");
  }
  if (type === undefined || (type !== "application/json" && !jsonType.test(type))) {
    throw failure("unsupported_media_type", "json_required");
  }
}

/** Collects a body within bounds of size and time; the rest of one that is too large is never kept. */
export function readBytes(request: IncomingMessage, bounds: { maxBytes: number; timeoutMs: number }): Promise<Buffer> {
  if (Number(request.headers["content-length"] ?? 0) > bounds.maxBytes) return Promise.reject(tooLarge());
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    const timer = setTimeout(() => settle(() => reject(failure("invalid", "body_too_slow"))), bounds.timeoutMs);
    const onData = (chunk: Buffer) => {
      size += chunk.length;
      if (size > bounds.maxBytes) return settle(() => reject(tooLarge()));
      chunks.push(chunk);
    };
    const onEnd = () =>
      settle(() => resolve(chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks, size)));
    const onCut = () => settle(() => reject(failure("cancelled", "client_gone")));
    const settle = (finish: () => void) => {
      clearTimeout(timer);
      request.off("data", onData).off("end", onEnd).off("close", onCut).off("error", onCut);
      finish();
    };
    request.on("data", onData).on("end", onEnd).on("close", onCut).on("error", onCut);
  });
}

function textOf(bytes: Buffer): string {
  try {
    return utf8.decode(bytes);
  } catch {
    throw failure("invalid", "malformed_json", {
      errors: [{ pointer: "", code: "malformed", message: "is not UTF-8" }],
    });
  }
}

function tooLarge() {
  return failure("too_large", "body_too_large", {
    errors: [{ pointer: "", code: "too_large", message: `must have at most ${maxBodyBytes} bytes` }],
  });
}
