import type { Caller } from "@partake/authz";
import type { Operation } from "@partake/contract";
import { asFailure, type Failure } from "@partake/failure";
import type { Call } from "./call.ts";
import type { Enforcer } from "./enforcer.ts";

/** Somebody looks at personal data. Ids only. */
export interface View {
  action: string;
  organisationId: string;
  actorId: string;
  subjectId?: string;
  /** Many at once. */
  bulk: boolean;
  traceparent: string | undefined;
}

/** Somebody was refused. The request is for its ids alone. */
export interface RefusedCall {
  operation: Operation;
  request: object;
  caller: Caller;
  failed: Failure;
}

/** Keeps lines for the audit trail, as libs/service does. (R20) */
export interface Trail {
  /** Resolves when the line is stored; rejects where it cannot be, and then nothing may be read. */
  before(view: View): Promise<void>;
  /** The line is stored within seconds. */
  after(view: View): void;
  refused(of: RefusedCall): void;
}

/** An enforcer whose refusals leave a line, at the gateway as at every service. */
export function withTrail(enforcer: Enforcer, trail: Trail): Enforcer {
  return {
    authenticate: (credentials) => enforcer.authenticate(credentials),
    async authorize(access) {
      try {
        await enforcer.authorize(access);
      } catch (thrown) {
        const { operation, request, verified } = access;
        trail.refused({ operation, request, caller: verified.caller, failed: asFailure(thrown) });
        throw thrown;
      }
    },
  };
}

/** The line that a call leaves, where its operation says that it shows personal data. A further page belongs to the first. */
export function viewOf(call: Call, request: object): View | undefined {
  const { viewing } = call.operation;
  const { caller, actorId, traceparent } = call;
  if (viewing === undefined || caller.kind !== "user" || caller.organisationId === undefined) return undefined;
  const { cursor } = request as { cursor?: unknown };
  if (viewing.bulk && typeof cursor === "string" && cursor !== "") return undefined;
  const { action, subject, bulk } = viewing;
  const subjectId = subject === undefined ? undefined : (request as Record<string, unknown>)[subject];
  return {
    ...{ action, organisationId: caller.organisationId, actorId, bulk, traceparent },
    ...(typeof subjectId === "string" && { subjectId }),
  };
}
