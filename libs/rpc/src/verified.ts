import type { Caller } from "@partake/authz";

/** What a request shows for itself. A header that came more than once is given as all of its values. */
export interface Credentials {
  authorization?: string | readonly string[] | undefined;
  serviceToken?: string | readonly string[] | undefined;
  /** The highest version of the organisation's grants that the client has seen. */
  grantsVersion?: number | undefined;
}

/** Who calls, verified. */
export interface Verified {
  /** The user where a user's token came, else the service, else anonymous. */
  readonly caller: Caller;
  /** The service whose token came along. */
  readonly service: string | undefined;
  /** The user's token, to be passed on. */
  readonly userToken: string | undefined;
  readonly expiresAtMs: number;
  /** The version of the organisation's grants up to which the caller's rights are sure to be known now; 0 without an organisation. */
  grantsKnown(): number;
}
