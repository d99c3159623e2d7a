// One request of the matrix, as an outside client would send it.
import { randomUUID } from "node:crypto";
import type { Operation } from "@partake/contract";
import { patientFetch } from "./patience.ts";

export interface Answer {
  status: number;
  reason: string;
  /** The body as text. */
  text: string;
}

export type RoutedOperation = Operation & { route: NonNullable<Operation["route"]> };

export function isRouted(operation: Operation): operation is RoutedOperation {
  return operation.route !== undefined;
}

const NO_SUCH_VERSION = '"999999"';
const TIMEOUT_MS = 60_000;

export interface Sending {
  origin: string;
  operation: RoutedOperation;
  message: Readonly<Record<string, unknown>>;
  token: string | undefined;
}

export async function send({ origin, operation, message, token }: Sending): Promise<Answer> {
  const { route, bytes, needsIdempotencyKey, needsIfMatch } = operation;
  const rest: Record<string, unknown> = { ...message };
  let index = 0;
  const path = route.path.replace(/\{\w+\}/g, () => {
    const field = route.pathFields[index++] ?? "";
    const value = String(rest[field]);
    delete rest[field];
    return encodeURIComponent(value);
  });
  const query = new URLSearchParams();
  for (const field of route.queryFields) if (rest[field] !== undefined) query.set(field, String(rest[field]));
  if (route.queryFields.includes("limit")) query.set("limit", "200");
  const headers: Record<string, string> = { accept: bytes === "events" ? "text/event-stream" : "*/*" };
  if (token !== undefined) headers["authorization"] = `Bearer ${token}`;
  if (needsIdempotencyKey) headers["idempotency-key"] = randomUUID();
  if (needsIfMatch) headers["if-match"] = NO_SUCH_VERSION;
  const body = bodyOf(operation, rest, headers);
  const ended = new AbortController();
  const signal = AbortSignal.any([ended.signal, AbortSignal.timeout(TIMEOUT_MS)]);
  const search = query.size > 0 ? `?${query}` : "";
  const response = await patientFetch(`${origin}${path}${search}`, { method: route.method, headers, signal, ...body });
  if (bytes === "events" && response.ok) {
    ended.abort();
    return { status: response.status, reason: "", text: "" };
  }
  const text = await response.text();
  return { status: response.status, reason: response.ok ? "" : reasonOf(text), text };
}

function bodyOf(
  { route, bytes }: RoutedOperation,
  rest: Record<string, unknown>,
  headers: Record<string, string>,
): { body?: string } {
  if (bytes === "upload") {
    const isPicture = route.path.endsWith("/image");
    headers["content-type"] = isPicture ? "image/png" : "text/plain";
    headers["content-disposition"] = `attachment; filename="note.${isPicture ? "png" : "txt"}"`;
    return { body: "A note." };
  }
  if (!route.body) return {};
  headers["content-type"] = "application/json";
  return { body: JSON.stringify(rest) };
}

function reasonOf(text: string): string {
  try {
    return (JSON.parse(text) as { reason?: string }).reason ?? "";
  } catch {
    return "";
  }
}
