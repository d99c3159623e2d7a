import { domainOf, parseEmail } from "./email-address.ts";

/** What an organisation's own provider says of a person, after its signature, issuer, audience and nonce were checked. */
export interface OutsideClaims {
  subject: string;
  email?: string | undefined;
  emailVerified: boolean;
}

/** A subject of a provider that an account is linked to. */
export interface Link {
  subject: string;
  userId: string;
}

export type OutsideVerdict =
  | { kind: "log_in"; userId: string }
  /** Nobody is linked yet: whoever reads the mail of that address decides. */
  | { kind: "confirm"; email: string }
  | { kind: "refuse"; reason: "email_missing" | "email_unverified" | "email_domain" | "other_subject" };

/**
 * Decides on a log-in through an outside provider. The first time, the address is confirmed by a code: an organisation's
 * admin configures the provider, and must not become everybody whose address it claims.
 */
export function judgeOutsideLogin(options: {
  claims: OutsideClaims;
  emailDomains: readonly string[];
  bySubject: Link | undefined;
  byEmail: Link | undefined;
}): OutsideVerdict {
  const { claims, emailDomains, bySubject, byEmail } = options;
  const email = claims.email === undefined ? undefined : parseEmail(claims.email);
  if (email === undefined) return { kind: "refuse", reason: "email_missing" };
  if (!claims.emailVerified) return { kind: "refuse", reason: "email_unverified" };
  if (emailDomains.length > 0 && !emailDomains.includes(domainOf(email)))
    return { kind: "refuse", reason: "email_domain" };
  if (byEmail !== undefined && byEmail.subject !== claims.subject) return { kind: "refuse", reason: "other_subject" };
  return bySubject === undefined ? { kind: "confirm", email } : { kind: "log_in", userId: bySubject.userId };
}
