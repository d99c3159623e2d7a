import { codec, newId, type Operation, validate } from "@partake/contract";
import { asFailure, type Failure, failure } from "@partake/failure";
import type { Enforcer } from "./enforcer.ts";
import type { Hosted } from "./hosted.ts";
import type { Incoming } from "./incoming.ts";
import type { Observation } from "./observation.ts";
import { ServerCall } from "./server-call.ts";
import { startSpan } from "./tracing.ts";
import { type Trail, viewOf } from "./trail.ts";

/** A call as either transport hands it over. */
export interface Asked {
  hosted: Hosted;
  bytes: Buffer;
  incoming: Incoming;
}

export interface Answered {
  bytes: Buffer;
  /** The version of the organisation's grants that the call made. */
  grantsVersion: number | undefined;
}

export type Outcome = { answered: Answered } | { failed: Failure };

export interface AnsweringOptions {
  enforcer: Enforcer;
  observe?: ((observation: Observation) => void) | undefined;
  /** Keeps a line of who looked at personal data, or was refused. */
  trail?: Trail | undefined;
}

/** The one way on which every call is answered, whatever it came by; never rejects. */
export interface Answering {
  /** The calls that are not answered yet, of the whole server. */
  readonly running: ReadonlySet<Incoming>;
  answer(asked: Asked, reply: (outcome: Outcome) => void): void;
}

export function createAnswering({ enforcer, observe, trail }: AnsweringOptions): Answering {
  const running = new Set<Incoming>();
  const answer = (asked: Asked, reply: (outcome: Outcome) => void) => {
    const { incoming } = asked;
    const { operation } = asked.hosted;
    const startedMs = performance.now();
    running.add(incoming);
    const traced = startSpan({ operation, kind: "server", traceparent: incoming.traceparent });
    const finish = (code: string, failed?: Failure) => {
      running.delete(incoming);
      traced.end(code);
      observe?.({
        side: "server",
        operation,
        code,
        reason: failed?.reason,
        durationMs: performance.now() - startedMs,
        requestId: incoming.requestId,
        traceparent: traced.traceparent,
        cause: failed?.cause,
        ...(code === "internal" && requestOf(asked)),
      });
    };
    const succeed = (answered: Answered) => {
      reply({ answered });
      finish("ok");
    };
    const fail = (thrown: unknown) => {
      const failed = asFailure(thrown);
      reply({ failed });
      finish(failed.code, failed);
    };
    incoming.within(carryOut(asked, { enforcer, trail, traceparent: traced.traceparent })).then(succeed, fail);
  };
  return { running, answer };
}

/** Beyond this newer records come faster than rights can be read: the client asks again. */
const mostTimes = 3;

interface Surroundings {
  enforcer: Enforcer;
  trail: Trail | undefined;
  traceparent: string | undefined;
}

/** What stays the same of a call that begins again. */
interface Course {
  /** The version of grants that its caller's rights are to be known by at least. */
  grantsVersion: number;
  /** The id of the new thing, once it has one. */
  newId: string | undefined;
  /** Whether the trail has the line that comes before many are looked at. */
  isToldBefore: boolean;
}

/**
 * A call begins again, with rights that are new enough, where it met a record that was written with newer grants in mind than its
 * caller's rights were known by. Nothing is written before it was decided, and what it makes keeps its id.
 */
async function carryOut(asked: Asked, surroundings: Surroundings): Promise<Answered> {
  const { grantsVersion } = asked.incoming.credentials;
  const course: Course = { grantsVersion, newId: undefined, isToldBefore: false };
  for (let times = 1; ; times++) {
    const call = await accepted(asked, { ...surroundings, grantsVersion: course.grantsVersion });
    try {
      return await answered(asked.hosted, { call, course, trail: surroundings.trail });
    } catch (thrown) {
      if (call.missingGrants === undefined || times === mostTimes) throw thrown;
      course.grantsVersion = call.missingGrants;
    }
  }
}

/** Authenticate, decide the access rule, validate: in this order, always. */
async function accepted(
  { hosted, bytes, incoming }: Asked,
  { enforcer, traceparent, grantsVersion }: Surroundings & Pick<Course, "grantsVersion">,
): Promise<ServerCall> {
  const { operation } = hosted;
  if (incoming.deadlineMs <= Date.now()) throw failure("deadline_exceeded", "deadline_exceeded");
  const authenticated = enforcer.authenticate({ ...incoming.credentials, grantsVersion });
  const verified = authenticated instanceof Promise ? await authenticated : authenticated;
  const request = decodeRequest(operation, bytes);
  await enforcer.authorize({ operation, request, verified });
  const errors = validate(operation.request, request);
  if (errors.length > 0) throw failure("invalid", "invalid_request", { errors });
  if (operation.needsIfMatch && incoming.ifMatch === undefined) {
    throw failure("precondition_required", "if_match_missing");
  }
  return new ServerCall({ operation, verified, request, incoming, grantsVersion, traceparent });
}

/** Handle, see that a record was decided on, encode: in this order, always. */
async function answered(
  hosted: Hosted,
  { call, course, trail }: { call: ServerCall; course: Course; trail: Trail | undefined },
): Promise<Answered> {
  const { operation } = hosted;
  const view = trail && viewOf(call, call.request);
  if (view?.bulk && !course.isToldBefore) await trail?.before(view);
  course.isToldBefore = true;
  const message = await handled(hosted, { call, course, trail });
  const mustDecide = operation.access.kind === "permission" && operation.access.record !== undefined;
  if (mustDecide && !call.decided) throw failure("internal", "access_undecided");
  if (view?.bulk === false) trail?.after(view);
  return { bytes: codec(operation.response).encode(message), grantsVersion: call.newGrantsVersion };
}

/** A refusal of what the caller may not do or see leaves a line; what the access rule refuses by itself, the enforcer notes. */
async function handled(
  { operation, handler }: Hosted,
  { call, course, trail }: { call: ServerCall; course: Course; trail: Trail | undefined },
): Promise<object> {
  const { request } = call;
  try {
    return await handler(withId(operation, request, course), call);
  } catch (thrown) {
    if (call.isRefused) trail?.refused({ operation, request, caller: call.caller, failed: asFailure(thrown) });
    throw thrown;
  }
}

/**
 * The id of a new thing, where its client made none. Made behind the request's hash, so that the same request again is the same;
 * its idempotency key then leads to what was made the first time.
 */
function withId({ idPrefix }: Operation, request: object, course: Course): object {
  if (idPrefix === undefined || ("id" in request && request.id !== "")) return request;
  course.newId ??= newId(idPrefix, new Date());
  return { ...request, id: course.newId };
}

/** Read once more from its bytes: a defect is rare, and everything else need not carry its request along. */
function requestOf({ hosted, bytes }: Asked): { request: object } | undefined {
  try {
    return { request: decodeRequest(hosted.operation, bytes) };
  } catch {
    return undefined;
  }
}

function decodeRequest(operation: Operation, bytes: Buffer): object {
  try {
    return codec(operation.request).decode(bytes);
  } catch (error) {
    throw failure("invalid", "malformed_message", { cause: error });
  }
}
