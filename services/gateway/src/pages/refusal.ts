import { asFailure, codes } from "@partake/failure";
import type { Answer } from "../exchange.ts";
import type { Assets } from "./assets.ts";
import { html } from "./html.ts";
import { pageAnswer } from "./page.ts";

const texts: Readonly<Record<string, string>> = {
  log_in_not_begun_here: "This log-in was not begun in this browser, or too long ago. Please begin anew.",
  log_in_failed: "The log-in was not completed. Please begin anew.",
  log_in_unavailable: "Logging in does not work just now. Please try again in a moment.",
};

/** For a person whose browser went to a page of ours: what a problem document says, in a page. */
export function refusalPage(assets: Assets, context: { thrown: unknown; requestId: string }): Answer {
  const failed = asFailure(context.thrown);
  const { http, title } = codes[failed.code];
  const body = html`<main class="card">
<p class="brand">Partake</p>
<h1>This did not work</h1>
<p>${texts[failed.reason] ?? `${title}.`}</p>
<p><a class="button" href="/auth/login">Log in</a></p>
<p class="small">If you ask somebody about it, tell them this: <code>${context.requestId}</code></p>
</main>`;
  return pageAnswer(assets, { title: "This did not work", body, status: http });
}
