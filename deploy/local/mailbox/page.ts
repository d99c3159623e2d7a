import { createHash } from "node:crypto";
import type { Mail } from "./store.ts";

const shownMails = 200;
const refreshSeconds = 3;

const escapes: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

/** Text as HTML shows it, in an element or in a quoted attribute. */
export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => escapes[character] ?? character);
}

/** A page that reloads while somebody types would take their text away. */
const refreshScript = `setInterval(() => document.activeElement !== document.body || location.reload(), ${refreshSeconds * 1000});`;
const refreshHash = createHash("sha256").update(refreshScript).digest("base64");

/** No script but the page's own, and a message's own page may not fetch anything: mail is written by strangers. */
export const pageHeaders = {
  "content-type": "text/html; charset=utf-8",
  "content-security-policy": `default-src 'none'; script-src 'sha256-${refreshHash}'; style-src 'unsafe-inline'; img-src data:; frame-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'`,
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
} as const;

export function listPage(options: { mails: readonly Mail[]; to: string | undefined }): string {
  const { mails, to } = options;
  const rows = mails.slice(0, shownMails).map(
    (mail) => `<tr><td class="when">${timeOf(mail)}</td><td>${escapeHtml(mail.to.join(", "))}</td>
<td><a href="/messages/${escapeHtml(mail.id)}">${escapeHtml(mail.subject || "(no subject)")}</a></td></tr>`,
  );
  const more =
    mails.length > shownMails ? `<p class="quiet">${mails.length - shownMails} older ones are not shown.</p>` : "";
  const table = `<table><thead><tr><th>Time</th><th>To</th><th>Subject</th></tr></thead><tbody>${rows.join("\n")}</tbody></table>`;
  const empty = `<p class="empty">No mail${to ? ` to ${escapeHtml(to)}` : ""} yet. It appears here by itself.</p>`;
  return page({
    title: `Mailbox (${mails.length})`,
    head: `<script>${refreshScript}</script>`,
    body: `<header><h1>Mailbox</h1><p class="quiet">Mail that the local platform sends. None of it leaves this machine.</p>
<form method="get" action="/"><label>Only to <input name="to" type="email" value="${escapeHtml(to ?? "")}" placeholder="someone@example.org"></label>
<button>Show</button>${to ? ' <a href="/">everyone</a>' : ""}</form></header>
${mails.length === 0 ? empty : table}${more}`,
  });
}

export function mailPage(mail: Mail): string {
  const facts = [
    ["From", mail.from],
    ["To", mail.to.join(", ")],
    ["Time", new Date(mail.at).toLocaleString("en-GB")],
  ].map(([name, value]) => `<dt>${name}</dt><dd>${escapeHtml(value ?? "")}</dd>`);
  const text = mail.text === "" ? "" : `<h2>Text</h2><pre>${linked(mail.text)}</pre>`;
  // The sandbox allows no script and no form; links open in a tab of their own.
  const frame = `<iframe title="The message as HTML" sandbox="allow-popups allow-popups-to-escape-sandbox" srcdoc="${escapeHtml(`<base target="_blank">${mail.html}`)}"></iframe>`;
  const html = mail.html === "" ? "" : `<h2>HTML</h2>${frame}`;
  return page({
    title: mail.subject || "(no subject)",
    head: "",
    body: `<header><p><a href="/">← Mailbox</a></p><h1>${escapeHtml(mail.subject || "(no subject)")}</h1><dl>${facts.join("")}</dl></header>${text}${html}`,
  });
}

export function missingPage(): string {
  return page({
    title: "No such message",
    head: "",
    body: `<header><p><a href="/">← Mailbox</a></p><h1>No such message</h1><p>Old messages go when many new ones come.</p></header>`,
  });
}

/** Addresses in a plain text become links, as every mail program shows them. */
function linked(text: string): string {
  return text
    .split(/(https?:\/\/[^\s<>"']+)/)
    .map((part, index) => {
      const escaped = escapeHtml(part);
      return index % 2 === 1 ? `<a href="${escaped}" target="_blank" rel="noreferrer">${escaped}</a>` : escaped;
    })
    .join("");
}

function timeOf(mail: Mail): string {
  const time = new Date(mail.at).toLocaleTimeString("en-GB");
  return `<time datetime="${escapeHtml(mail.at)}">${time}</time>`;
}

function page(parts: { title: string; head: string; body: string }): string {
  return `<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(parts.title)}</title><link rel="icon" href="data:image/svg+xml,${mark}">${parts.head}<style>${style}</style></head>
<body><main>${parts.body}</main></body></html>`;
}

/** An envelope. */
const mark = encodeURIComponent(
  '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0b57d0"/><path d="M6 10h20v13H6zl10 8 10-8" fill="none" stroke="#fff" stroke-width="2"/></svg>',
);

const style = `
:root { color-scheme: light dark; --line: light-dark(#d9dde3, #3a4048); --edge: light-dark(#767f8a, #858f99); --quiet: light-dark(#5c6570, #a3adb8); }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0; background: light-dark(#f6f7f9, #16191d); color: light-dark(#1b1f24, #e8ebee); }
main { max-width: 60rem; margin: 0 auto; padding: 1.5rem 1rem 4rem; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; overflow-wrap: anywhere; } h2 { font-size: 1rem; margin: 1.5rem 0 .5rem; }
a { color: light-dark(#0b57d0, #8ab4f8); } .quiet, .when { color: var(--quiet); } .quiet { margin: 0 0 1rem; }
form { margin: 0 0 1rem; } input, button { font: inherit; padding: .3rem .6rem; max-width: 100%; border: 1px solid var(--edge); border-radius: .4rem; }
:focus-visible { outline: 3px solid light-dark(#0b57d0, #8ab4f8); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; background: light-dark(#fff, #1e2227); border: 1px solid var(--line); }
th, td { text-align: left; padding: .5rem .75rem; border-bottom: 1px solid var(--line); overflow-wrap: anywhere; vertical-align: top; }
.when { white-space: nowrap; font-variant-numeric: tabular-nums; } .empty { padding: 3rem 1rem; text-align: center; color: var(--quiet); }
dl { display: grid; grid-template-columns: max-content 1fr; gap: .1rem .75rem; } dt { color: var(--quiet); } dd { margin: 0; overflow-wrap: anywhere; }
pre { white-space: pre-wrap; overflow-wrap: anywhere; padding: 1rem; } pre, iframe { background: light-dark(#fff, #1e2227); border: 1px solid var(--line); border-radius: .4rem; margin: 0; }
@media (max-width: 40rem) { thead { position: absolute; clip-path: inset(50%); } tr, td { display: block; } tr { padding: .5rem .75rem; border-bottom: 1px solid var(--line); } td { padding: 0; border: 0; } }
iframe { width: 100%; height: 32rem; background: #fff; color-scheme: light; }
`;
