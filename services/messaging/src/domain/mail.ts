import { escapeHtml } from "./inert-text.ts";
import { mailText } from "./mail-texts.ts";
import type { MailValues, TemplateName } from "./mail-values.ts";

/** A mail as it is sent. */
export interface ComposedMail {
  subject: string;
  text: string;
  html: string;
}

const page =
  "font-family:sans-serif;font-size:16px;line-height:1.5;color:#1a1a1a;max-width:32em;margin:2em auto;padding:0 1em";
const shownCode = "font-size:28px;letter-spacing:6px;font-weight:bold;margin:24px 0";
const button =
  "display:inline-block;padding:12px 20px;background:#1f4f8f;color:#ffffff;text-decoration:none;border-radius:6px";

/** Both forms say the same. The HTML loads nothing: no picture, no script, nothing that tells when it was read. */
export function composeMail(mail: { template: TemplateName; language: string; values: MailValues }): ComposedMail {
  const { template, language, values } = mail;
  const { subject, before, action, after, language: spoken } = mailText(template, language, values);
  const { code, link } = values;
  const text = [...before, action === undefined ? code : link, ...after].join("\n\n");
  const middle =
    action === undefined
      ? `<p style="${shownCode}">${escapeHtml(code)}</p>`
      : `<p><a href="${escapeHtml(link)}" style="${button}">${escapeHtml(action)}</a></p>` +
        `<p style="font-size:13px;word-break:break-all">${escapeHtml(link)}</p>`;
  const body = [...before.map(paragraph), middle, ...after.map(paragraph)].join("\n");
  const html = `<!doctype html>
<html lang="${spoken}"><head><meta charset="utf-8"><title>${escapeHtml(subject)}</title></head>
<body style="${page}">
${body}
</body></html>
`;
  return { subject, text: `${text}\n`, html };
}

function paragraph(text: string): string {
  return `<p>${escapeHtml(text)}</p>`;
}

/**
 * The same for every attempt at one mail, so that a mail which was sent just before a crash and is sent once more is recognised
 * by who receives it. (RFC 5322, 3.6.4)
 */
export function messageId(mailId: string, from: string): string {
  const domain = /@([A-Za-z0-9.-]+)/.exec(from)?.[1] ?? "localhost";
  return `<${mailId}@${domain}>`;
}
