import { type Operation, operation } from "@partake/contract";
import { Failure, failure } from "@partake/failure";
import type { Answer, Exchange } from "../exchange.ts";
import { asPrincipal, type Principal, type PrincipalParts, readerOf } from "../principal.ts";
import { ACCOUNT } from "../sessions/session.ts";
import type { Message } from "../transcode.ts";
import { callAs, type UnaryParts } from "../unary.ts";
import type { Assets } from "./assets.ts";

/**
 * What pages are made of that show a record: they ask the same operations as any client, with the session's own token, so that
 * they show nobody more than these do.
 */
export interface ReadingParts extends Pick<UnaryParts, "enforcer" | "invoke" | "limitUser"> {
  people: PrincipalParts;
  assets: Assets;
}

/** Where a page lies: its address, and the organisation that this names. */
export interface Place {
  address: string;
  organisation: string | null;
}

export type Ask = (asked: Operation, message: Message) => Promise<object>;

const evaluateAccess = operation("/partake.v1.Identity/EvaluateAccess");
const organisationForm = /^org_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The query of a page, which may have these parameters and no other ones. */
export function queryOf({ query }: Exchange, parameters: readonly string[]): URLSearchParams {
  const found = new URLSearchParams(query);
  const organisation = found.get("organisation");
  const isForm = organisation === null || organisationForm.test(organisation);
  if (!isForm || ![...found.keys()].every((name) => parameters.includes(name))) throw notThere();
  return found;
}

/**
 * Shows it to whoever is logged in; others log in first, and come back. A place that names no organisation is shown to the person as
 * such. An organisation that the person is not in looks like one that is not there.
 */
export async function asReader(
  parts: ReadingParts,
  of: { exchange: Exchange; place: Place },
  show: (reader: Principal) => Promise<Answer>,
): Promise<Answer> {
  const { exchange, place } = of;
  try {
    const reader = await readerOf(parts.people, exchange, place.organisation ?? ACCOUNT);
    if (reader === undefined) return logInFirst(place);
    parts.limitUser(exchange, reader);
    return await show(reader);
  } catch (thrown) {
    if (isBecause(thrown, "session_ended")) return logInFirst(place);
    throw isBecause(thrown, "organisation_not_available") ? notThere() : thrown;
  }
}

export function asking(parts: ReadingParts, exchange: Exchange, reader: Principal): Ask {
  return (asked, message) =>
    asPrincipal(reader, (principal) => callAs(parts, { exchange, operation: asked, message, principal }));
}

/** Decided by the rule with which the deed itself is going to be decided. (Z1) */
export async function mayDo(
  ask: Ask,
  { reader, permission, type, id }: { reader: Principal; permission: string; type: string; id: string },
): Promise<boolean> {
  const { caller } = reader.verified;
  if (caller.kind !== "user") return false;
  const answer = (await ask(evaluateAccess, {
    subject: { type: "user", id: caller.userId },
    action: { name: permission },
    resource: { type, id },
  }).catch(without("not_found", "forbidden"))) as { decision?: boolean } | undefined;
  return answer?.decision === true;
}

/** What somebody may know of and not read looks like what is missing. */
export function hide(thrown: unknown): never {
  if (thrown instanceof Failure && thrown.code === "forbidden") throw notThere();
  throw thrown;
}

export function without(...codes: Failure["code"][]): (thrown: unknown) => undefined {
  return (thrown) => {
    if (thrown instanceof Failure && codes.includes(thrown.code)) return undefined;
    throw thrown;
  };
}

export function notThere(): Failure {
  return failure("not_found", "not_found");
}

export function redirect(location: string): Answer {
  return { status: 303, headers: ["location", location, "cache-control", "no-store"], body: "" };
}

function isBecause(thrown: unknown, reason: string): boolean {
  return thrown instanceof Failure && thrown.reason === reason;
}

/** The log-in leads back to where the link led. */
function logInFirst({ address, organisation }: Place): Answer {
  const query = new URLSearchParams({ return_to: address });
  if (organisation !== null) query.set("organisation", organisation);
  return redirect(`/auth/login?${query}`);
}
