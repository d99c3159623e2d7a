import { type Caller, decide, may, type RecordScope, visible } from "@partake/authz";
import type { Operation } from "@partake/contract";
import { failure } from "@partake/failure";
import { refusal, rightsUnknown } from "./access.ts";
import type { Call } from "./call.ts";
import { canonicalHash } from "./canonical.ts";
import type { Incoming } from "./incoming.ts";
import type { Verified } from "./verified.ts";

/** What of a call goes along to the calls that are made in its course. */
export interface Forwarded {
  userToken: string | undefined;
  grantsVersion: number;
}

/** What goes along with calls made in the course of this one. A call that a test made up has nothing. */
export function forwardedOf(call: Call): Forwarded | undefined {
  return call instanceof ServerCall ? call.forwarded : undefined;
}

export interface ServerCallOptions {
  operation: Operation;
  verified: Verified;
  request: object;
  incoming: Incoming;
  /** The version of grants by which it was authenticated at least. */
  grantsVersion: number;
  /** The context of the call's own span. */
  traceparent: string | undefined;
}

/** One call that a server answers, from its verified beginning to its answer. */
export class ServerCall implements Call {
  readonly operation: Operation;
  readonly request: object;
  readonly caller: Caller;
  readonly traceparent: string | undefined;
  readonly forwarded: Forwarded;
  /** Whether the access to what the handler touches was decided. */
  decided = false;
  /** Whether it was decided that the caller may not. */
  isRefused = false;
  newGrantsVersion: number | undefined;
  /** A version of grants that the caller's rights are to be known by, before this call can be answered. */
  missingGrants: number | undefined;
  private readonly verified: Verified;
  private readonly incoming: Incoming;
  private hash: string | undefined;
  /** What this call wrote, by id, with the version of grants that it keeps. */
  private readonly written = new Map<string, number>();

  constructor({ operation, verified, request, incoming, grantsVersion, traceparent }: ServerCallOptions) {
    this.operation = operation;
    this.verified = verified;
    this.request = request;
    this.incoming = incoming;
    this.traceparent = traceparent;
    this.caller = callerOf(operation, verified);
    this.forwarded = { userToken: verified.userToken, grantsVersion };
  }

  get requestId(): string {
    return this.incoming.requestId;
  }

  get deadlineMs(): number {
    return this.incoming.deadlineMs;
  }

  get signal(): AbortSignal {
    return this.incoming.signal;
  }

  get idempotencyKey(): string | undefined {
    return this.incoming.idempotencyKey;
  }

  get ifMatch(): number | undefined {
    return this.incoming.ifMatch;
  }

  get grantsVersion(): number {
    return this.forwarded.grantsVersion;
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
    if (record !== undefined && record !== null) this.saw(record);
    const isPartial = this.isPartial;
    // What is missing counts like what is hidden, also where it is counted.
    this.isRefused = !isPartial;
    if (record === undefined || record === null) throw isPartial ? rightsUnknown() : failure("not_found", "not_found");
    const decision = decide(this.caller, permission, record);
    this.isRefused = !decision.allowed && !isPartial;
    if (!decision.allowed) throw refusal({ decision, caller: this.caller, permission, record });
  }

  may(permission: string, record: RecordScope): boolean {
    this.saw(record);
    return may(this.caller, permission, record);
  }

  /**
   * A refused question can send the client to refresh its token, but a filter refuses nobody: it would only show less. So
   * where newer grants would show more, or nobody can say, it says so.
   */
  visible(permission = this.permission): Record<string, unknown> {
    this.decided = true;
    if (this.isPartial) throw rightsUnknown();
    const filter = visible(this.caller, permission);
    const { caller } = this;
    if (caller.kind === "user" && caller.fresh !== undefined) {
      const more = visible({ ...caller, rights: caller.fresh }, permission);
      if (JSON.stringify(more) !== JSON.stringify(filter)) throw failure("unauthenticated", "token_stale");
    }
    return filter;
  }

  saw(record: { _id?: string; organisationId?: string; _grants?: number }): void {
    const { _id = "", organisationId, _grants: version } = record;
    if (version === undefined || organisationId === undefined || this.caller.kind !== "user") return;
    if (organisationId !== this.caller.organisationId || version <= this.grantsKnown(organisationId)) return;
    // To begin again after a write would meet its own change; nothing newer is in it than what was decided on.
    if (version <= (this.written.get(_id) ?? 0)) return;
    this.missingGrants = Math.max(version, this.missingGrants ?? 0);
    throw rightsUnknown();
  }

  grantsKnown(organisationId: string): number {
    if (this.caller.kind !== "user" || this.caller.organisationId !== organisationId) return 0;
    return Math.max(this.forwarded.grantsVersion, this.verified.grantsKnown());
  }

  wrote(records: ReadonlyMap<string, number>): void {
    for (const [id, version] of records) this.written.set(id, version);
  }

  grantsChanged(version: number): void {
    this.newGrantsVersion = version;
  }

  private get isPartial(): boolean {
    return this.caller.kind === "user" && this.caller.isPartial === true;
  }

  private get permission(): string {
    const { access } = this.operation;
    if (access.kind !== "permission") throw new Error(`${this.operation.path} declares no permission to decide`);
    return access.permission;
  }
}

/** Where services are asked for, the service calls, whether or not a person's token came along. */
function callerOf({ access }: Operation, { caller, service }: Verified): Caller {
  return access.kind === "services" && service !== undefined ? { kind: "service", service } : caller;
}
