import { type Caller, decide, may, type RecordScope, visible } from "@partake/authz";
import type { Operation } from "@partake/contract";
import { failure } from "@partake/failure";
import { refusal } from "./access.ts";
import type { Call } from "./call.ts";
import { canonicalHash } from "./canonical.ts";
import type { Verified } from "./verified.ts";

/** What of a call goes along to the calls that are made in its course. */
export interface Forwarded {
  userToken: string | undefined;
  grantsVersion: number;
}

const forwarded = new WeakMap<Call, Forwarded>();

/** What goes along with calls made in the course of this one. A call that a test made up has nothing. */
export function forwardedOf(call: Call): Forwarded | undefined {
  return forwarded.get(call);
}

export interface ServerCallOptions {
  operation: Operation;
  verified: Verified;
  request: object;
  requestId: string;
  traceparent: string | undefined;
  deadlineMs: number;
  signal: AbortSignal;
  idempotencyKey: string | undefined;
  ifMatch: number | undefined;
  grantsVersion: number;
}

/** One call that a server answers, from its verified beginning to its answer. */
export class ServerCall implements Call {
  readonly operation: Operation;
  readonly caller: Caller;
  readonly requestId: string;
  readonly traceparent: string | undefined;
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly idempotencyKey: string | undefined;
  readonly ifMatch: number | undefined;
  /** Whether the access to what the handler touches was decided. */
  decided = false;
  newGrantsVersion: number | undefined;
  private readonly request: object;
  private hash: string | undefined;

  constructor(options: ServerCallOptions) {
    const { operation, verified } = options;
    this.operation = operation;
    this.request = options.request;
    this.caller =
      operation.access.kind === "services" && verified.service !== undefined
        ? { kind: "service", service: verified.service }
        : verified.caller;
    this.requestId = options.requestId;
    this.traceparent = options.traceparent;
    this.deadlineMs = options.deadlineMs;
    this.signal = options.signal;
    this.idempotencyKey = options.idempotencyKey;
    this.ifMatch = options.ifMatch;
    forwarded.set(this, { userToken: verified.userToken, grantsVersion: options.grantsVersion });
  }

  get actorId(): string {
    const { caller } = this;
    switch (caller.kind) {
      case "user":
        return caller.userId;
      case "service":
        return `service:${caller.service}`;
      case "anonymous":
        return "anonymous";
      default:
        return caller satisfies never;
    }
  }

  get organisationId(): string {
    const organisationId = this.caller.kind === "user" ? this.caller.organisationId : undefined;
    if (organisationId === undefined) throw failure("unauthenticated", "token_invalid");
    return organisationId;
  }

  get requestHash(): string {
    this.hash ??= canonicalHash(this.request);
    return this.hash;
  }

  decide<R extends RecordScope>(record: R | undefined | null, permission = this.permission): asserts record is R {
    this.decided = true;
    if (record === undefined || record === null) throw failure("not_found", "not_found");
    const decision = decide(this.caller, permission, record);
    if (!decision.allowed) throw refusal({ decision, caller: this.caller, permission, record });
  }

  may(permission: string, record: RecordScope): boolean {
    return may(this.caller, permission, record);
  }

  /**
   * A refused question can send the client to refresh its token, but a filter refuses nobody: it would only show less. So
   * where newer grants would show more, it says so.
   */
  visible(permission = this.permission): Record<string, unknown> {
    this.decided = true;
    const filter = visible(this.caller, permission);
    const { caller } = this;
    if (caller.kind === "user" && caller.fresh !== undefined) {
      const more = visible({ ...caller, rights: caller.fresh }, permission);
      if (JSON.stringify(more) !== JSON.stringify(filter)) throw failure("unauthenticated", "token_stale");
    }
    return filter;
  }

  grantsChanged(version: number): void {
    this.newGrantsVersion = version;
  }

  private get permission(): string {
    const { access } = this.operation;
    if (access.kind !== "permission") throw new Error(`${this.operation.path} declares no permission to decide`);
    return access.permission;
  }
}
