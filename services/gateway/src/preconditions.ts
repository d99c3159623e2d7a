import type { IncomingMessage } from "node:http";
import type { Operation } from "@partake/contract";
import { failure } from "@partake/failure";
import { readVersion } from "@partake/rpc";

const keyForm = /^[A-Za-z0-9._~-]{1,100}$/;
const versionForm = /^"(\d{1,10})"$/;

export interface Preconditions {
  idempotencyKey?: string;
  ifMatch?: number;
}

/** What a request must say so that a repeat has its effect once, and a change meets what its sender had read. */
export function readPreconditions(operation: Operation, request: IncomingMessage): Preconditions {
  if (operation.needsIdempotencyKey) return { idempotencyKey: readIdempotencyKey(request) };
  if (operation.needsIfMatch) return { ifMatch: readIfMatch(request.headers["if-match"]) };
  return {};
}

function readIdempotencyKey(request: IncomingMessage): string {
  const key = request.headers["idempotency-key"];
  if (key === undefined) throw failure("invalid", "idempotency_key_required");
  if (typeof key !== "string" || !keyForm.test(key)) throw failure("invalid", "idempotency_key_malformed");
  return key;
}

/** One strong entity tag: "*" or a list would let a change through that met something else than what was read. */
function readIfMatch(value: string | undefined): number {
  if (value === undefined) throw failure("precondition_required", "if_match_missing");
  // A weak tag never matches strongly. (RFC 9110, section 13.1.1)
  if (value.startsWith("W/")) throw failure("precondition_failed", "version_mismatch");
  const version = readVersion(versionForm.exec(value)?.[1]?.replace(/^0+(?=\d)/, ""));
  if (version === undefined) throw failure("invalid", "if_match_malformed");
  return version;
}
