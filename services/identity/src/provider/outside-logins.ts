import { asFailure, failure } from "@partake/failure";
import type { Store } from "@partake/store";
import { parseEmail } from "../domain/email-address.ts";
import { judgeOutsideLogin, type OutsideVerdict } from "../domain/outside-login.ts";
import type { LoginAttempt, OutsideArrival } from "../store/documents.ts";
import { loginProviders, type OutsideLinkRecord, outsideLinks } from "../store/login-providers.ts";
import { organisations } from "../store/organisations.ts";
import type { OutsideChoice } from "./login-pages.ts";
import type { LoginRefusals } from "./login-refusals.ts";
import type { OutsideVisits } from "./outside-visits.ts";

export interface OutsideLoginsParts {
  store: Store;
  visits: OutsideVisits;
  newId(prefix: string): string;
  isSecure: boolean;
  refusals: LoginRefusals;
}

type Subject = NonNullable<LoginAttempt["outside"]>;

export type Arrived = Exclude<OutsideVerdict, { kind: "refuse" }> & Subject;

/** Logging in with an organisation's own provider. */
export interface OutsideLogins {
  /** The providers to offer, by the organisation that a client named or by the domain of an address. */
  choicesFor(organisationId: string | undefined, domain: string | undefined): Promise<OutsideChoice[]>;
  begin(of: {
    uid: string;
    organisationId: string;
    email?: string | undefined;
  }): Promise<{ location: string; cookie: string }>;
  /** Takes what a person brought back from a provider, and gives the log-in that it belongs to. */
  arrive(of: { query: URLSearchParams; cookies: ReadonlyMap<string, string> }): Promise<{ uid: string }>;
  /** What the visit means. Throws `forbidden` where it is refused. */
  arrived(uid: string): Promise<Arrived>;
  /** Links the subject to the account whose address was confirmed. */
  link(subject: Subject, of: { userId: string; email: string }): Promise<void>;
}

export function outsideLogins(parts: OutsideLoginsParts): OutsideLogins {
  const { store, visits, newId, isSecure, refusals } = parts;
  return {
    async choicesFor(organisationId, domain) {
      const hinted = organisationId === undefined ? undefined : await visits.provider(organisationId);
      const providers = domain === undefined ? [hinted] : [hinted, ...(await visits.providersOf(domain))];
      const names = providers.flatMap((provider) =>
        provider === undefined ? [] : [nameOf(store, provider.organisationId)],
      );
      return (await Promise.all(names)).filter((choice) => choice !== undefined);
    },
    async begin({ uid, organisationId, email }) {
      const provider = await visits.provider(organisationId);
      if (provider === undefined) throw failure("not_found", "not_found");
      const { location, cookie, state } = await visits.begin({ uid, provider, email });
      const attributes = `Path=/login/callback; Max-Age=600; HttpOnly; SameSite=Lax${isSecure ? "; Secure" : ""}`;
      return { location, cookie: `${cookieName(state)}=${cookie}; ${attributes}` };
    },
    arrive: ({ query, cookies }) => visits.arrive({ query, cookie: (state) => cookies.get(cookieName(state)) }),
    async arrived(uid) {
      const arrival = await visits.collect(uid);
      if (arrival === undefined) throw failure("gone", "outside_visit_ended");
      const verdict = await judge(store, arrival);
      const { organisationId, issuer, subject } = arrival;
      if (verdict.kind === "refuse") {
        refusals.note({ organisationId, cause: verdict.reason });
        throw failure("forbidden", verdict.reason);
      }
      return { ...verdict, organisationId, issuer, subject };
    },
    async link({ organisationId, issuer, subject }, { userId, email }) {
      const link = { _id: newId("lnk"), organisationId, issuer, subject, email, userId };
      await store
        .write({ actorId: userId, traceparent: undefined }, async (tx) => {
          await tx.insert(outsideLinks, { ...link, linkedAt: tx.now });
          tx.audit({ action: "login_provider.linked", organisationId, subjectId: userId });
          return link._id;
        })
        .catch((error: unknown) => {
          // The subject or the address was linked meanwhile: to this account, or the log-in is refused.
          if (asFailure(error).reason !== "already_exists") throw error;
        });
      const linked = await findLink(store, { organisationId, issuer, subject });
      if (linked?.userId !== userId) {
        refusals.note({ organisationId, cause: "other_subject" });
        throw failure("forbidden", "other_subject");
      }
    },
  };
}

async function judge(store: Store, arrival: OutsideArrival): Promise<OutsideVerdict> {
  const { organisationId, issuer, subject, email, emailVerified } = arrival;
  const provider = await store.get(loginProviders, organisationId);
  if (provider?.enabled !== true || provider.issuer !== issuer) return { kind: "refuse", reason: "email_domain" };
  const bySubject = await findLink(store, { organisationId, issuer, subject });
  const address = email === undefined ? undefined : parseEmail(email);
  const byEmail = address === undefined ? undefined : await findLink(store, { organisationId, issuer, email: address });
  return judgeOutsideLogin({
    claims: { subject, email, emailVerified },
    emailDomains: provider.emailDomains,
    bySubject,
    byEmail,
  });
}

async function findLink(store: Store, filter: Record<string, string>): Promise<OutsideLinkRecord | undefined> {
  const [link] = await store.find(outsideLinks, filter, { limit: 1 });
  return link;
}

async function nameOf(store: Store, organisationId: string): Promise<OutsideChoice | undefined> {
  const organisation = await store.get(organisations, organisationId);
  return organisation?.state === "active" ? { organisationId, organisationName: organisation.name } : undefined;
}

/** A cookie for each visit, so that two windows do not end each other's. */
function cookieName(state: string): string {
  return `partake-visit-${state.slice(0, 8).replace(/[^A-Za-z0-9]/g, "x")}`;
}
