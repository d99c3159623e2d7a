import type { Answer, Handler } from "../exchange.ts";
import { readCookie } from "../sessions/cookies.ts";
import type { Assets } from "./assets.ts";
import { html } from "./html.ts";
import { pageAnswer } from "./page.ts";

/** One's own passkeys: what there is, another one on this device, other names, none any more. Everything by the public operations. (R24) */
export function passkeysPage(assets: Assets, sessionCookie: string): Handler {
  const plain = pageOf(assets, { hasSession: false });
  const withSession = pageOf(assets, { hasSession: true });
  return ({ request }) => (readCookie(request, sessionCookie) === undefined ? plain : withSession);
}

function pageOf(assets: Assets, { hasSession }: { hasSession: boolean }): Answer {
  const body = html`<main class="card">
<p class="brand">Partake</p>
<h1 id="heading" tabindex="-1">Your passkeys</h1>
<p>With a passkey you log in as you unlock your device: by your face, your finger or its PIN. There is no code to wait for, and no other page can get at it.</p>
<div id="passkeys" data-session="${hasSession ? "maybe" : "none"}">
<p data-for="loading">One moment …</p>
<div data-for="log-in" tabindex="-1" hidden>
<p>Log in to see your passkeys.</p>
<p><a class="button" href="/auth/login?return_to=/account/passkeys">Log in</a></p>
</div>
<div data-for="list" tabindex="-1" hidden>
<p id="none" hidden>You have none yet.</p>
<p id="entered" hidden>On <strong></strong> somebody came in to this account with a code on paper, and the passkeys from before stopped working. If that was not you, tell the organisation that gives you these codes.</p>
<ul id="list" class="rows"></ul>
<form id="add" hidden>
<label for="label">Name of a new passkey <span class="small">(you may leave it empty)</span></label>
<input id="label" name="label" maxlength="60" autocomplete="off">
<button type="submit">Add a passkey on this device</button>
</form>
<p data-without-passkeys class="problem">This browser cannot make passkeys. Use another browser, or another device.</p>
</div>
<div data-for="anew" tabindex="-1" hidden>
<p>To change how you log in, please log in once more: then we know that it is you.</p>
<p><a class="button" href="/auth/login?prompt=login&amp;return_to=/account/passkeys">Log in again</a></p>
</div>
</div>
<p id="told" class="good" role="status"></p>
<p id="problem" class="problem" role="alert" hidden></p>
<template id="row"><li>
<strong data-part="label"></strong>
<span data-part="about" class="small"></span>
<span class="actions"><button type="button" class="link" data-do="rename">Rename</button> <button type="button" class="link" data-do="remove">Remove</button></span>
<form data-part="renaming" hidden>
<label>New name <input name="label" maxlength="60" required autocomplete="off"></label>
<button type="submit">Save</button>
<button type="button" class="second" data-do="keep">Cancel</button>
</form>
<form data-part="removing" hidden>
<p>It will no longer log you in. Where you are logged in with it, you stay so.</p>
<button type="submit">Remove it</button>
<button type="button" class="second" data-do="keep">Cancel</button>
</form>
</li></template>
<noscript><p class="problem">This page needs JavaScript: a passkey is made by your browser.</p></noscript>
<p class="small"><a href="/">To the start</a></p>
</main>`;
  return pageAnswer(assets, { title: "Your passkeys", body, scripts: ["passkeys.js"] });
}
