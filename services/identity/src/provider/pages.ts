import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";

/** Text that is HTML already. Everything else that a template takes in is escaped. */
export interface Html {
  readonly html: string;
}

/** A template of HTML: its values are escaped unless they are HTML themselves. */
export function html(
  strings: TemplateStringsArray,
  ...values: readonly (string | number | Html | readonly Html[] | undefined)[]
): Html {
  const parts = values.map((value, index) => `${embed(value)}${strings[index + 1] ?? ""}`);
  return { html: `${strings[0] ?? ""}${parts.join("")}` };
}

function embed(value: string | number | Html | readonly Html[] | undefined): string {
  if (value === undefined) return "";
  if (typeof value === "string" || typeof value === "number") return escapeText(String(value));
  if ("html" in value) return value.html;
  return value.map((part) => part.html).join("");
}

const entities: Record<string, string> = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function escapeText(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}

const style = `
:root{color-scheme:light dark;--ground:#f4f6f5;--card:#fff;--ink:#1c2a26;--soft:#55655f;--line:#c9d4cf;--edge:#74837d;--accent:#0b6e4f;--on:#fff;--bad:#a4262c}
@media(prefers-color-scheme:dark){:root{--ground:#111916;--card:#1a2420;--ink:#e8efec;--soft:#a3b4ad;--line:#3a4a44;--edge:#7f918a;--accent:#5fcf9f;--on:#08150f;--bad:#ff9a9f}}
*{box-sizing:border-box}
body{margin:0;min-height:100vh;display:grid;place-items:center;padding:1.5rem;background:var(--ground);color:var(--ink);font:1rem/1.5 system-ui,sans-serif}
main{width:100%;max-width:26rem;background:var(--card);border:1px solid var(--line);border-radius:.75rem;padding:2rem}
.brand{margin:0 0 1.5rem;font-weight:700;letter-spacing:.02em;color:var(--accent)}
h1{margin:0 0 .5rem;font-size:1.4rem;line-height:1.25}
p{margin:0 0 1rem;color:var(--soft);overflow-wrap:anywhere}
label{display:block;margin:1rem 0 .35rem;font-weight:600}
input{width:100%;padding:.7rem .8rem;font:inherit;color:inherit;background:transparent;border:1px solid var(--edge);border-radius:.5rem}
p strong{color:var(--ink)}
input.code{font-size:1.4rem;letter-spacing:.25em;font-variant-numeric:tabular-nums}
input.printed{letter-spacing:.08em;text-transform:uppercase}
input:focus-visible,button:focus-visible,a:focus-visible{outline:3px solid var(--accent);outline-offset:2px}
button,a.button{display:block;width:100%;text-align:center;text-decoration:none;margin-top:1.25rem;padding:.75rem;font:inherit;font-weight:600;color:var(--on);background:var(--accent);border:1px solid var(--accent);border-radius:.5rem;cursor:pointer}
button{overflow-wrap:anywhere}
button.second,a.button{color:var(--accent);background:transparent}
.problem{margin:1rem 0 0;padding:.6rem .8rem;color:var(--bad);border:1px solid currentColor;border-radius:.5rem}
.small{margin:1.25rem 0 0;font-size:.9rem}
a{color:var(--accent)}
@media(max-width:26rem){body{padding:.75rem}main{padding:1.25rem}}`;

const styleHash = createHash("sha256").update(style).digest("base64");

const script = readFileSync(fileURLToPath(new URL("./passkey.js", import.meta.url)), "utf8");
const scriptHash = createHash("sha256").update(script).digest("base64");

/** What a page that offers a passkey carries; `sendPage` has to be told, or the browser runs nothing. */
export const passkeyScript: Html = { html: `<script type="module">${script}</script>` };

/** A whole page. It needs no script, no image and nothing from elsewhere. */
export function page(title: string, body: Html): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Partake</title>
<link rel="icon" href="/favicon.svg" type="image/svg+xml">
<style>${{ html: style }}</style>
</head>
<body>
<main>
<p class="brand">Partake</p>
<h1>${title}</h1>
${body}
</main>
</body>
</html>
`.html;
}

/**
 * The headers of every page and redirect of logging in. A form's redirects count as its target (CSP 3, form-action): the client
 * that the person returns to is one of them.
 */
export function pageHeaders(
  formTargets: readonly string[] = [],
  of: { offersPasskey?: boolean } = {},
): Record<string, string> {
  const targets = ["'self'", ...formTargets].join(" ");
  // The one script that there is, by its content, and what it asks of its own origin.
  const scripts = of.offersPasskey ? `script-src 'sha256-${scriptHash}'; connect-src 'self'` : "script-src";
  return {
    "content-security-policy": `default-src 'none'; style-src 'sha256-${styleHash}'; img-src 'self'; form-action ${targets}; base-uri 'none'; frame-ancestors 'none'; ${scripts}`,
    "x-content-type-options": "nosniff",
    "x-frame-options": "DENY",
    "referrer-policy": "no-referrer",
    "cache-control": "no-store",
  };
}
