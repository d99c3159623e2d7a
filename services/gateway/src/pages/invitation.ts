import type { Answer, Handler } from "../exchange.ts";
import { readCookie } from "../sessions/cookies.ts";
import type { Assets } from "./assets.ts";
import { html } from "./html.ts";
import { pageAnswer } from "./page.ts";

/**
 * Where the link of an invitation leads. Its secret stands behind the "#", so the browser sends it to nobody: no server, log or
 * history holds it. A script of this page takes it from there, and posts it once its reader has logged in and said yes.
 */
export function invitationPage(assets: Assets, sessionCookie: string): Handler {
  const plain = pageOf(assets, { hasSession: false });
  const withSession = pageOf(assets, { hasSession: true });
  return ({ request }) => (readCookie(request, sessionCookie) === undefined ? plain : withSession);
}

function pageOf(assets: Assets, { hasSession }: { hasSession: boolean }): Answer {
  const body = html`<main class="card">
<p class="brand">Partake</p>
<h1>You are invited</h1>
<div id="invitation" data-state="loading" data-session="${hasSession ? "maybe" : "none"}" aria-live="polite">
<p data-for="loading">One moment …</p>
<div data-for="log-in" tabindex="-1" hidden>
<p>Log in with the e-mail address at which you got this invitation. We send you a code; there is no password.</p>
<p><button type="button" data-do="log-in">Log in to accept</button></p>
</div>
<div data-for="accept" tabindex="-1" hidden>
<p>You are logged in as <strong id="person"></strong>.</p>
<p><button type="button" data-do="accept">Accept the invitation</button></p>
<p class="small">Not you? <button type="button" class="link" data-do="switch">Use another address</button></p>
</div>
<div data-for="accepted" tabindex="-1" hidden>
<p class="good">Thank you, you are in. Everything that is shared with you is there from now on.</p>
<p><a class="button" href="/">Continue</a></p>
</div>
<div data-for="refused" tabindex="-1" hidden>
<p class="problem" id="problem" role="alert"></p>
<p><button type="button" data-do="again">Try again</button></p>
<p class="small"><button type="button" class="link" data-do="switch">Use another address</button></p>
</div>
<p data-for="missing" tabindex="-1" hidden>This link is not complete. Open it again from the e-mail, or ask whoever invited you for a new one.</p>
</div>
<noscript><p class="problem">This page needs JavaScript: it keeps the secret of your invitation out of every address and log.</p></noscript>
</main>`;
  return pageAnswer(assets, { title: "Invitation", body, scripts: ["invitation.js"] });
}
