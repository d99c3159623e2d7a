import { redact } from "@partake/contract";
import type { Observation } from "@partake/rpc";
import pino, { type DestinationStream, type Logger } from "pino";
import type { Config } from "./config.ts";
import { standardLines } from "./log-lines.ts";

/**
 * Logs of a service, one JSON line each. Failures are told by code, reason and where they came from: their messages may quote
 * what somebody wrote (a driver's duplicate key holds the value), so no message of an error that is not ours is logged.
 */
export function openLog(
  config: Pick<Config, "logLevel">,
  service: string,
  destination: DestinationStream = standardLines(),
): Logger {
  const options = {
    level: config.logLevel,
    base: { service },
    timestamp: pino.stdTimeFunctions.isoTime,
    formatters: { level: (label: string) => ({ level: label }) },
    serializers: { err: describeError, error: describeError, cause: describeError },
  };
  return pino(options, destination);
}

interface DescribedError {
  name: string;
  code?: string | number;
  reason?: string;
  at?: string[];
  cause?: DescribedError | undefined;
}

const maxFrames = 8;
const maxCauses = 4;

/** An error without its message: its kind, its code, and the lines of code that it went through. */
export function describeError(thrown: unknown, depth = 0): DescribedError {
  if (!(thrown instanceof Error)) return { name: typeof thrown };
  const { code, reason } = thrown as { code?: unknown; reason?: unknown };
  const frames = (thrown.stack ?? "").split("\n").filter((line) => /^\s+at /.test(line));
  return {
    name: thrown.name,
    ...(typeof code === "string" || typeof code === "number" ? { code } : {}),
    ...(typeof reason === "string" && /^[a-z0-9_]{1,80}$/.test(reason) ? { reason } : {}),
    at: frames.slice(0, maxFrames).map((line) => line.trim().slice(3)),
    ...(thrown.cause !== undefined && depth < maxCauses ? { cause: describeError(thrown.cause, depth + 1) } : {}),
  };
}

/**
 * The one line of a request. It holds nothing of what was asked, but where a defect answered: then what the contract calls harmless.
 * Calls to other services are only worth a line where they failed for want of an answer.
 */
export function logObservation(log: Logger, observed: Observation): void {
  const { side, operation, code, reason, durationMs, requestId, traceparent } = observed;
  const line = {
    operation: operation.path.slice(1),
    code,
    ...(reason === undefined ? {} : { reason }),
    ms: Math.round(durationMs * 10) / 10,
    requestId,
    ...(traceparent === undefined ? {} : { trace: traceparent.slice(3, 35) }),
  };
  const isDefect = code === "internal";
  const fields = isDefect ? { ...line, ...ofDefect(observed) } : line;
  if (side === "client") {
    if (isDefect || code === "unavailable" || code === "deadline_exceeded") log.warn(fields, "call failed");
    return;
  }
  if (isDefect) log.error(fields, "request");
  else log.info(fields, "request");
}

function ofDefect({ operation, cause, request }: Observation): object {
  return {
    ...(cause === undefined ? {} : { cause }),
    ...(request === undefined ? {} : { request: redact(operation.request, request) }),
  };
}
