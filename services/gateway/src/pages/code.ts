import type { Answer, Handler } from "../exchange.ts";
import { readCookie } from "../sessions/cookies.ts";
import type { Assets } from "./assets.ts";
import { html } from "./html.ts";
import { pageAnswer } from "./page.ts";

/**
 * Where the address on a printed sheet leads, which is short enough to be typed. Whoever has no account makes one with the code where
 * people log in; whoever has one logs in and enters the code here.
 */
export function codePage(assets: Assets, sessionCookie: string): Handler {
  const plain = pageOf(assets, { hasSession: false });
  const withSession = pageOf(assets, { hasSession: true });
  return ({ request }) => (readCookie(request, sessionCookie) === undefined ? plain : withSession);
}

/** Asks anew who it is: in a browser that somebody else used, too. */
const setUp = "/auth/login?start=code&prompt=login";

function pageOf(assets: Assets, { hasSession }: { hasSession: boolean }): Answer {
  const body = html`<main class="card">
<p class="brand">Partake</p>
<h1>You have a code on paper</h1>
<div id="code" data-state="${hasSession ? "loading" : "begin"}" aria-live="polite">
<p data-for="loading"${hasSession ? undefined : html` hidden`}>One moment …</p>
<div data-for="begin" tabindex="-1"${hasSession ? html` hidden` : undefined}>
<p>With it you set up this phone, tablet or computer: from then on you log in as you unlock it. You need no e-mail address and no password.</p>
<p><a class="button" href="${setUp}">Set up this device</a></p>
<p class="small">You have an account already? <a href="/auth/login?return_to=/code">Log in</a>, then enter the code.</p>
</div>
<div data-for="enter" tabindex="-1" hidden>
<p>You are logged in as <strong id="person"></strong>. Enter the code to take part with this account.</p>
<form id="entry">
<label for="typed">Code</label>
<input id="typed" class="code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="60" required aria-describedby="problem">
<p class="problem" id="problem" role="alert" hidden></p>
<p><button type="submit">Accept the invitation</button></p>
</form>
<p class="small">Not you? <a href="${setUp}">Set up this device for yourself</a></p>
</div>
<div data-for="accepted" tabindex="-1" hidden>
<p class="good">Thank you, you are in. Everything that is shared with you is there from now on.</p>
<p><a class="button" href="/">Continue</a></p>
</div>
</div>
</main>`;
  return pageAnswer(assets, { title: "Your code", body, scripts: hasSession ? ["code.js"] : [] });
}
