import { type Operation, operation, type Services, validate } from "@partake/contract";
import { Failure, failure } from "@partake/failure";
import type { Exchange, Handler } from "../exchange.ts";
import { asPrincipal, type Principal, type PrincipalParts, readerOf } from "../principal.ts";
import { ACCOUNT } from "../sessions/session.ts";
import type { Message } from "../transcode.ts";
import { callAs, type UnaryParts } from "../unary.ts";
import type { Assets } from "./assets.ts";
import { pageAnswer } from "./page.ts";
import { type Comments, type Post, postBody } from "./post-view.ts";

export interface PostPageParts extends Pick<UnaryParts, "enforcer" | "invoke" | "limitUser"> {
  people: PrincipalParts;
  assets: Assets;
}

const getPost = operation("/partake.v1.Progress/GetPost");
const listComments = operation("/partake.v1.Progress/ListComments");
const evaluateAccess = operation("/partake.v1.Identity/EvaluateAccess");
const getMe = operation("/partake.v1.Identity/GetMe");

/** The places where a link that names no organisation is looked for: more than almost anybody has, and each costs a token. */
const mostPlaces = 10;
const placeForm = /^org_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const parameters = new Set(["organisation", "cursor"]);

/**
 * Where a mail's link to a post leads: the post with what was said about it, and a way to answer. It asks the same operations as
 * any client, with the session's own token, so that it shows nobody more than these do. (G5, E8)
 */
export function postPage(parts: PostPageParts): Handler {
  return async (exchange, { post: postId = "" }) => {
    const query = new URLSearchParams(exchange.query);
    const organisation = query.get("organisation");
    const isKnown = [...query.keys()].every((name) => parameters.has(name));
    const isForm = organisation === null || placeForm.test(organisation);
    if (!isKnown || !isForm || validate(getPost.request, { postId }).length > 0) throw notThere();
    try {
      if (organisation === null) return await findPlace(parts, exchange, postId);
      const reader = await readerOf(parts.people, exchange, organisation);
      if (reader === undefined) return logInFirst(postId, organisation);
      const shown = await read(parts, exchange, { postId, reader, cursor: query.get("cursor") ?? "" });
      const body = postBody({ ...shown, organisation, isFirstPage: !query.has("cursor") });
      return pageAnswer(parts.assets, { title: "Post", body, scripts: ["post.js"] });
    } catch (thrown) {
      if (isBecause(thrown, "session_ended")) return logInFirst(postId, organisation);
      // An organisation that the person is not in looks like one that is not there.
      throw isBecause(thrown, "organisation_not_available") ? notThere() : thrown;
    }
  };
}

interface Reading {
  postId: string;
  reader: Principal;
  cursor: string;
}

async function read(parts: PostPageParts, exchange: Exchange, { postId, reader, cursor }: Reading) {
  parts.limitUser(exchange, reader);
  const ask = asking(parts, exchange, reader);
  const post = (await ask(getPost, { postId }).catch(hide)) as Post;
  const page = cursor === "" ? {} : { cursor };
  // Who sees the post and not what is said about it gets the post alone.
  const comments = (await ask(listComments, { postId, limit: 200, ...page }).catch(without("forbidden"))) as
    | Comments
    | undefined;
  return { post, comments, mayAnswer: comments !== undefined && (await mayAnswer(ask, { postId, reader })) };
}

/** A link from before they named the organisation: it leads to the one in which this person sees the post. */
async function findPlace(parts: PostPageParts, exchange: Exchange, postId: string) {
  const person = await readerOf(parts.people, exchange, ACCOUNT);
  if (person === undefined) return logInFirst(postId, null);
  parts.limitUser(exchange, person);
  const { organisations } = (await asking(
    parts,
    exchange,
    person,
  )(getMe, {})) as Services["Identity"]["getMe"]["response"];
  for (const { organisationId } of organisations.slice(0, mostPlaces)) {
    const reader = await readerOf(parts.people, exchange, organisationId).catch(without("forbidden"));
    if (reader === undefined) continue;
    const found = await asking(parts, exchange, reader)(getPost, { postId }).catch(without("not_found", "forbidden"));
    if (found !== undefined) return redirect(addressOf(postId, organisationId));
  }
  throw notThere();
}

type Ask = (asked: Operation, message: Message) => Promise<object>;

function asking(parts: PostPageParts, exchange: Exchange, reader: Principal): Ask {
  return (asked, message) =>
    asPrincipal(reader, (principal) => callAs(parts, { exchange, operation: asked, message, principal }));
}

/** Decided by the rule with which the comment itself is going to be decided. (Z1) */
async function mayAnswer(ask: Ask, { postId, reader }: { postId: string; reader: Principal }): Promise<boolean> {
  const { caller } = reader.verified;
  if (caller.kind !== "user") return false;
  const answer = (await ask(evaluateAccess, {
    subject: { type: "user", id: caller.userId },
    action: { name: "post.comment" },
    resource: { type: "post", id: postId },
  }).catch(without("not_found", "forbidden"))) as { decision?: boolean } | undefined;
  return answer?.decision === true;
}

/** What somebody may know of and not read looks like what is missing. */
function hide(thrown: unknown): never {
  if (thrown instanceof Failure && thrown.code === "forbidden") throw notThere();
  throw thrown;
}

function without(...codes: Failure["code"][]): (thrown: unknown) => undefined {
  return (thrown) => {
    if (thrown instanceof Failure && codes.includes(thrown.code)) return undefined;
    throw thrown;
  };
}

function isBecause(thrown: unknown, reason: string): boolean {
  return thrown instanceof Failure && thrown.reason === reason;
}

function notThere() {
  return failure("not_found", "not_found");
}

export function addressOf(postId: string, organisation: string | null): string {
  return organisation === null ? `/posts/${postId}` : `/posts/${postId}?organisation=${organisation}`;
}

/** The log-in leads back to where the link led. */
function logInFirst(postId: string, organisation: string | null) {
  const query = new URLSearchParams({ return_to: addressOf(postId, organisation) });
  if (organisation !== null) query.set("organisation", organisation);
  return redirect(`/auth/login?${query}`);
}

function redirect(location: string) {
  return { status: 303, headers: ["location", location, "cache-control", "no-store"], body: "" };
}
