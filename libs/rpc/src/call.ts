import type { Caller, RecordScope } from "@partake/authz";
import type { Operation, Services } from "@partake/contract";

/** One call of an operation as its handler sees it. */
export interface Call {
  readonly operation: Operation;
  /** Who calls; verified, with the rights that count now. */
  readonly caller: Caller;
  /** The person who calls, or "service:<name>". What records and audit entries store. */
  readonly actorId: string;
  /** The organisation that the token is for. Throws `unauthenticated` where there is none; for use after the access check. */
  readonly organisationId: string;
  readonly requestId: string;
  /** W3C trace context, passed on to calls and events. */
  readonly traceparent: string | undefined;
  /** Epoch milliseconds by which the answer must have gone out. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
  readonly idempotencyKey: string | undefined;
  /** SHA-256 of the request in canonical form, hex: the same request again has the same. */
  readonly requestHash: string;
  /** The version that If-Match named; required where `operation.needsIfMatch`. */
  readonly ifMatch: number | undefined;
  /** The highest version of grants that the client has seen: nothing older may answer it. */
  readonly grantsVersion: number;
  /**
   * Decides the operation's permission (or another) on a record that was loaded. Throws `not_found` where the caller may not
   * even see it and `forbidden` where they see but may not act. Loading nothing? `decide(undefined)` throws `not_found`.
   */
  decide<R extends RecordScope>(record: R | undefined | null, permission?: string): asserts record is R;
  /** Whether the caller holds a permission on a record, without throwing. */
  may(permission: string, record: RecordScope): boolean;
  /** The filter of records on which the caller holds the operation's permission (or another). Counts as deciding. */
  visible(permission?: string): Record<string, unknown>;
  /**
   * Takes note of a record that is about to be shown, or decided on. Where it was written with newer grants in mind than the
   * caller's rights are known by, it throws: the call begins again with rights that are as new. `decide` and `may` do so themselves,
   * and so does the store where it is given the call. (architecture.md, "No new-enemy window")
   */
  saw(record: object): void;
  /** The version of that organisation's grants by which this call is decided at least; 0 of any but the token's. */
  grantsKnown(organisationId: string): number;
  /** Takes note of what a write of this call's stored, so that its answer can show it. For libs/store. */
  wrote(records: ReadonlyMap<string, number>): void;
  /** Tells the client the version of the organisation's grants that this call made, so that it can pass it on. */
  grantsChanged(version: number): void;
}

/** The functions of one proto service, by camelCase name. */
export type Implementation<S extends keyof Services> = {
  [M in keyof Services[S]]: Services[S][M] extends { request: infer Q; response: infer A }
    ? (request: Q, call: Call) => Promise<A>
    : never;
};

/** What an answer tells besides its message. */
export interface Told {
  /** The version of the organisation's grants that the call made. */
  grantsVersion: number | undefined;
}

/** What a call to another service passes on. */
export interface Outgoing {
  /** The call in whose course it is made: its user's token, deadline, trace and cancellation go along. */
  on?: Call;
  /** Else: the bound of the call. */
  timeoutMs?: number;
  signal?: AbortSignal;
  traceparent?: string;
  idempotencyKey?: string;
  ifMatch?: number;
  requestId?: string;
  /** Of the gateway, which has no call to pass on: the user's access token. */
  userToken?: string;
  /** Of the gateway: the highest version of grants that the client has seen. */
  grantsVersion?: number;
  /** Called before the answer is given, with what it tells besides. */
  onTold?: (told: Told) => void;
}

/** A typed client of one proto service. */
export type Client<S extends keyof Services> = {
  [M in keyof Services[S]]: Services[S][M] extends { input: infer Q; response: infer A }
    ? (request: Q, outgoing: Outgoing) => Promise<A>
    : never;
};
