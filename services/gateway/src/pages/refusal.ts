import { asFailure, codes } from "@partake/failure";
import type { Answer } from "../exchange.ts";
import type { Assets } from "./assets.ts";
import { html } from "./html.ts";
import { pageAnswer } from "./page.ts";

const texts: Readonly<Record<string, string>> = {
  log_in_not_begun_here: "This log-in was not begun in this browser, or too long ago. Please begin anew.",
  log_in_failed: "The log-in was not completed. Please begin anew.",
  log_in_unavailable: "Logging in does not work just now. Please try again in a moment.",
  not_found: "Nothing is at this address, or it is not there for you. Perhaps it was mistyped, or has moved.",
  rate_limited: "Too many requests came from you or your network. Please wait a minute and try again.",
};

/** For a person whose browser went to a page of ours: what a problem document says, in a page. */
export function refusalPage(assets: Assets, context: { thrown: unknown; requestId: string }): Answer {
  const failed = asFailure(context.thrown);
  const { http, title } = codes[failed.code];
  const isMissing = failed.code === "not_found";
  const heading = isMissing ? "There is nothing here" : "This did not work";
  const way = isMissing
    ? html`<a class="button" href="/">To the start</a>`
    : html`<a class="button" href="/auth/login">Log in</a>`;
  const body = html`<main class="card">
<p class="brand">Partake</p>
<h1>${heading}</h1>
<p>${texts[failed.reason] ?? `${title}.`}</p>
<p>${way}</p>
<p class="small">If you ask somebody about it, tell them this: <code>${context.requestId}</code></p>
</main>`;
  return pageAnswer(assets, { title: heading, body, status: http });
}
