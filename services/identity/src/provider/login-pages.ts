import { type Html, html, page, passkeyScript } from "./pages.ts";

// Every page of logging in. The first form of a page is its main one; scripts submit it like people do.

export interface OutsideChoice {
  organisationId: string;
  organisationName: string;
}

interface Common {
  uid: string;
  problem?: string | undefined;
}

export function emailPage(
  of: Common & {
    email: string;
    choices: readonly OutsideChoice[];
    /** Absent where none can be used; `problem`: why the last one was not taken. */
    passkey?: { problem: string | undefined } | undefined;
  },
): string {
  return page(
    "Log in",
    html`<p>We send a code to your e-mail address. There is no password.</p>
<form method="post" action="/login/${of.uid}/email">
<label for="email">E-mail address</label>
<input id="email" name="email" type="email" value="${of.email}" maxlength="254" autocomplete="username webauthn" autocapitalize="none" spellcheck="false" required autofocus${described(of.problem)}>
${problemOf(of.problem)}
<button type="submit">Send me a code</button>
</form>
${of.passkey === undefined ? undefined : passkeyForm({ ...logInWithPasskey(of.uid), problem: of.passkey.problem })}
${of.choices.map((choice) => outsideLink(of.uid, choice))}
<p class="small"><a href="/login/${of.uid}/printed">I have a printed code</a></p>`,
  );
}

export function printedCodePage(of: Common): string {
  return page(
    "Enter your printed code",
    html`<p>Type the code from the paper that you were given. Capitals and spaces do not matter.</p>
<form method="post" action="/login/${of.uid}/printed">
<label for="code">Code</label>
<input id="code" class="code printed" name="code" type="text" autocomplete="off" autocapitalize="characters" spellcheck="false" maxlength="60" required autofocus${described(of.problem)}>
${problemOf(of.problem)}
<button type="submit">Continue</button>
</form>
<p class="small"><a href="/login/${of.uid}/address">I have no code: log in another way</a></p>`,
  );
}

/** The last step of beginning an account that has no address: without a passkey nobody could come back to it. */
export function passkeySetUpPage(of: Common & { organisationName: string; isReturn: boolean }): string {
  const [action, options] = [`/login/${of.uid}/setup`, `/login/${of.uid}/options`];
  return page(
    "Set up your passkey",
    html`<p><strong>${of.organisationName}</strong> gave you this code.${of.isReturn ? returning : undefined}</p>
<p>With a passkey you log in as you unlock this device: by your face, your finger or its PIN. Nobody needs to know an address or a password of yours.</p>
${passkeyForm({ kind: "create", action, options, label: "Set up a passkey", problem: of.problem })}
<p class="problem" data-without-passkeys>This browser cannot set up a passkey. Please begin again in another browser, or on another device.</p>`,
  );
}

export function codePage(of: Common & { email: string }): string {
  return page(
    "Enter your code",
    html`<p>If ${address(of.email)} can receive mail, a code is on its way. It is valid for ten minutes.</p>
<form method="post" action="/login/${of.uid}/code">
<label for="code">Code</label>
<input id="code" class="code" name="code" type="text" inputmode="numeric" autocomplete="one-time-code" maxlength="20" required autofocus${described(of.problem)}>
${problemOf(of.problem)}
<button type="submit">Log in</button>
</form>
<p class="small"><a href="/login/${of.uid}">Use another address or get a new code</a></p>`,
  );
}

/** The address belongs to an organisation that has a provider of its own. */
export function choicePage(of: Common & { email: string; choices: readonly OutsideChoice[] }): string {
  return page(
    "How do you want to log in?",
    html`${of.choices.map((choice) => outsideLink(of.uid, choice))}
<form method="post" action="/login/${of.uid}/email">
<input type="hidden" name="email" value="${of.email}">
<input type="hidden" name="with" value="code">
<button type="submit" class="second">Send a code to ${address(of.email)}</button>
</form>`,
  );
}

/** A native client asks while the person is still logged in: another program could have, too. (RFC 8252, 8.6) */
export function confirmPage(of: { uid: string; clientName: string; person: string }): string {
  return page(
    `Continue to ${of.clientName}?`,
    html`<p>You are logged in as ${address(of.person)}. Continue only if you have just opened ${of.clientName} yourself.</p>
<form method="post" action="/login/${of.uid}/confirm">
<button type="submit">Continue</button>
</form>
<form method="post" action="/login/${of.uid}/cancel">
<button type="submit" class="second">Cancel</button>
</form>`,
  );
}

/** A page that only tells something, and one way on. `error`: what an application calls it, for whoever is asked about it. */
export function noticePage(title: string, text: string, error?: string): string {
  return page(
    title,
    html`<p>${text}</p>
<a class="button" href="/">To the start</a>
${error === undefined ? undefined : html`<p class="small">If you ask somebody about it, tell them this: ${error}</p>`}`,
  );
}

/**
 * Whether to log out; the form and its hidden field are the provider's. Without the answer yes it ends what the client had, so who stays and
 * has no client to return to sends nothing.
 */
export function logoutPage({ form, returns }: { form: string; returns: boolean }): string {
  const stay = returns
    ? html`<button type="submit" form="op.logoutForm" class="second">Stay logged in</button>`
    : html`<a class="button" href="/">Stay logged in</a>`;
  return page(
    "Log out?",
    html`<p>You will be logged out of Partake on this device.</p>
${{ html: form }}
<button type="submit" form="op.logoutForm" name="logout" value="yes" autofocus>Log out</button>
${stay}`,
  );
}

const returning = html` It lets you in again: your old passkeys stop working, and every other device is logged out.`;

/** On a narrow screen an address breaks after its @ rather than in the middle of a word. */
function address(email: string): Html {
  const at = email.lastIndexOf("@") + 1;
  return at === 0 ? html`${email}` : html`${email.slice(0, at)}<wbr>${email.slice(at)}`;
}

function logInWithPasskey(uid: string) {
  const step = `/login/${uid}/passkey`;
  return { kind: "get", action: step, options: step, label: "Log in with a passkey" } as const;
}

/** Hidden until the script has found that the browser can; it fetches the options and posts what the device answered. */
function passkeyForm(of: {
  kind: "create" | "get";
  action: string;
  options: string;
  label: string;
  problem?: string | undefined;
}): Html {
  const second = of.kind === "get" ? html` class="second"` : undefined;
  return html`<form method="post" action="${of.action}" data-passkey="${of.kind}" data-options="${of.options}" hidden>
<button type="submit"${second}>${of.label}</button>
<p class="problem" role="alert"${of.problem === undefined ? html` hidden` : undefined}>${of.problem}</p>
</form>
${passkeyScript}`;
}

/** A link, not a form: a form's redirects would have to be allowed page by page for servers that are not known here. */
function outsideLink(uid: string, choice: OutsideChoice): Html {
  return html`<a class="button" href="/login/${uid}/outside?organisation=${choice.organisationId}">Continue with ${choice.organisationName}</a>
`;
}

function problemOf(problem: string | undefined): Html | undefined {
  return problem === undefined ? undefined : html`<p class="problem" id="problem" role="alert">${problem}</p>`;
}

function described(problem: string | undefined): Html | undefined {
  return problem === undefined ? undefined : html` aria-describedby="problem" aria-invalid="true"`;
}
