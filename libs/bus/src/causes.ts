import { Failure } from "@partake/failure";
import { UnreadableMessage } from "./envelope.ts";

/** Why something failed, without any message of an error: those may repeat values. */
export interface ToldCause {
  cause: string;
  /** Where, as lines of code. */
  at: readonly string[];
}

const mostLines = 6;
const mostDepth = 4;

export function causeOf(error: unknown): ToldCause {
  if (!(error instanceof Error)) return { cause: "unknown", at: [] };
  const at = (error.stack ?? "").split("\n").filter((line) => line.startsWith("    at "));
  return { cause: words(error, 0), at: at.slice(0, mostLines).map((line) => line.trim()) };
}

function words(error: Error, depth: number): string {
  const own = ownWords(error);
  return error.cause instanceof Error && depth < mostDepth ? `${own} < ${words(error.cause, depth + 1)}` : own;
}

function ownWords(error: Error): string {
  if (error instanceof Failure) return `${error.code}: ${error.reason}`;
  if (error instanceof UnreadableMessage) return error.reason;
  const type: unknown = "type" in error ? error.type : "code" in error ? error.code : undefined;
  return typeof type === "string" || typeof type === "number" ? `${error.name} ${type}` : error.name;
}
