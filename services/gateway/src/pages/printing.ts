import QRCode from "qrcode";
import type { Answer, Handler } from "../exchange.ts";
import { readCookie } from "../sessions/cookies.ts";
import type { Assets } from "./assets.ts";
import { type Html, html } from "./html.ts";
import { pageAnswer } from "./page.ts";

/**
 * The sheet that staff print for a participant who has no e-mail address. Its square holds the address of the page where the code is
 * entered, never the code: what a camera opens stands in the history of a browser and in the logs on the way.
 */
export function printingPage(assets: Assets, of: { sessionCookie: string; origin: string }): Handler {
  const { sessionCookie, origin } = of;
  const square = qrCode(`${origin}/code`);
  const plain = pageOf(assets, { hasSession: false, square });
  const withSession = pageOf(assets, { hasSession: true, square });
  return ({ request }) => (readCookie(request, sessionCookie) === undefined ? plain : withSession);
}

function pageOf(assets: Assets, { hasSession, square }: { hasSession: boolean; square: Html }): Answer {
  const body = html`<main class="card" id="printing" data-session="${hasSession ? "maybe" : "none"}">
<div class="controls">
<p class="brand">Partake</p>
<h1>A code on paper</h1>
<p>For somebody who has no e-mail address. With the code they set up their own device, and log in with it from then on.</p>
<div data-for="ask" tabindex="-1" hidden>
<p>It is shown once. A code that was printed before stops working.</p>
<p><button type="button" data-do="make">Make a code</button></p>
</div>
<div data-for="log-in" tabindex="-1" hidden>
<p><strong>Log in anew</strong> first: whoever has the code gets in, so we ask who makes it.</p>
<p><button type="button" data-do="log-in">Log in</button></p>
</div>
<div data-for="refused" tabindex="-1" hidden>
<p class="problem" id="problem" role="alert"></p>
<p><button type="button" data-do="make">Try again</button></p>
</div>
<div data-for="made" tabindex="-1" hidden>
<p>Print it now, and give it to nobody but them. You will not see this code again.</p>
<p><button type="button" data-do="print">Print</button></p>
</div>
<noscript><p class="problem">This page needs JavaScript.</p></noscript>
</div>
${sheet(square)}
</main>`;
  return pageAnswer(assets, {
    title: "A code on paper",
    body,
    styles: ["page.css", "sheet.css"],
    scripts: ["printing.js"],
  });
}

function sheet(square: Html): Html {
  return html`<section id="sheet" aria-label="The sheet" hidden>
<p class="from" id="organisation"></p>
<h2 data-purpose="accept">Your way in</h2>
<h2 data-purpose="return">Your way back in</h2>
<ol>
<li><p>Take your own phone, tablet or computer. Point its camera at the square, or type this address:</p>
<p class="address" id="address"></p>
${square}</li>
<li><p>Press “Set up this device”, and type this code:</p>
<p class="code" id="code"></p></li>
<li><p>Your device asks for your face, your finger or its PIN. That is all: from then on you log in like this. You need no e-mail address and no password.</p></li>
</ol>
<p>The code works once, until <strong id="until"></strong>. Keep it to yourself: whoever has it can get in instead of you.</p>
<p data-purpose="return">Once it is used, your old device is logged out.</p>
<p>If the code does not work, or you lost this sheet, ask us for a new one. This one stops working then.</p>
</section>`;
}

const quietZone = 4;

/** As a picture without any address of its own, which a page of ours may hold. */
function qrCode(text: string): Html {
  const { modules } = QRCode.create(text, { errorCorrectionLevel: "M" });
  const side = modules.size + 2 * quietZone;
  let path = "";
  for (let row = 0; row < modules.size; row++)
    for (let column = 0; column < modules.size; column++)
      if (modules.get(row, column)) path += `M${column + quietZone} ${row + quietZone}h1v1h-1z`;
  return html`<svg class="square" viewBox="0 0 ${side} ${side}" role="img" aria-label="The address as a QR code" shape-rendering="crispEdges"><rect width="${side}" height="${side}" fill="#fff"/><path d="${path}" fill="#000"/></svg>`;
}
