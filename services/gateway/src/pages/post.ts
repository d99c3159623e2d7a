import { operation, type Services, validate } from "@partake/contract";
import type { Answer, Exchange, Handler } from "../exchange.ts";
import { type Principal, readerOf } from "../principal.ts";
import { pageAnswer } from "./page.ts";
import { type Comments, type Post, postBody } from "./post-view.ts";
import { asking, asReader, hide, mayDo, notThere, queryOf, type ReadingParts, redirect, without } from "./reading.ts";

const getPost = operation("/partake.v1.Progress/GetPost");
const listComments = operation("/partake.v1.Progress/ListComments");
const getMe = operation("/partake.v1.Identity/GetMe");

/** The places where a link that names no organisation is looked for: more than almost anybody has, and each costs a token. */
const mostPlaces = 10;

/** Where a mail's link to a post leads: the post with what was said about it, and a way to answer. (G5, E8) */
export function postPage(parts: ReadingParts): Handler {
  return async (exchange, { post: postId = "" }) => {
    const query = queryOf(exchange, ["organisation", "cursor"]);
    if (validate(getPost.request, { postId }).length > 0) throw notThere();
    const organisation = query.get("organisation");
    const place = { address: addressOf(postId, organisation), organisation };
    return asReader(parts, { exchange, place }, async (reader) => {
      if (organisation === null) return findPlace(parts, exchange, { postId, person: reader });
      const shown = await read(parts, exchange, { postId, reader, cursor: query.get("cursor") ?? "" });
      const body = postBody({ ...shown, organisation, isFirstPage: !query.has("cursor") });
      return pageAnswer(parts.assets, { title: "Post", body, scripts: ["post.js"] });
    });
  };
}

interface Reading {
  postId: string;
  reader: Principal;
  cursor: string;
}

async function read(parts: ReadingParts, exchange: Exchange, { postId, reader, cursor }: Reading) {
  const ask = asking(parts, exchange, reader);
  const post = (await ask(getPost, { postId }).catch(hide)) as Post;
  const page = cursor === "" ? {} : { cursor };
  // Who sees the post and not what is said about it gets the post alone.
  const comments = (await ask(listComments, { postId, limit: 200, ...page }).catch(without("forbidden"))) as
    | Comments
    | undefined;
  const answering = { reader, permission: "post.comment", type: "post", id: postId };
  return { post, comments, mayAnswer: comments !== undefined && (await mayDo(ask, answering)) };
}

/** A link from before they named the organisation: it leads to the one in which this person sees the post. */
async function findPlace(
  parts: ReadingParts,
  exchange: Exchange,
  { postId, person }: { postId: string; person: Principal },
): Promise<Answer> {
  const me = (await asking(parts, exchange, person)(getMe, {})) as Services["Identity"]["getMe"]["response"];
  for (const { organisationId } of me.organisations.slice(0, mostPlaces)) {
    const reader = await readerOf(parts.people, exchange, organisationId).catch(without("forbidden"));
    if (reader === undefined) continue;
    const found = await asking(parts, exchange, reader)(getPost, { postId }).catch(without("not_found", "forbidden"));
    if (found !== undefined) return redirect(addressOf(postId, organisationId));
  }
  throw notThere();
}

export function addressOf(postId: string, organisation: string | null): string {
  return organisation === null ? `/posts/${postId}` : `/posts/${postId}?organisation=${organisation}`;
}
