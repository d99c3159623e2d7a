import { setTimeout as sleep } from "node:timers/promises";

/** A mail as the local mailbox tells it (`GET /api/messages`). */
export interface Mail {
  id: string;
  subject: string;
  text: string;
  html?: string;
}

const PAUSE_MS = 50;

/** Waits for a mail to an address whose text fits, newest first; gives what the pattern's group holds. */
export async function readMail(options: {
  mailboxUrl: string;
  to: string;
  pattern: RegExp;
  timeoutMs?: number;
}): Promise<string> {
  const until = Date.now() + (options.timeoutMs ?? 15_000);
  while (Date.now() < until) {
    for (const mail of await mailsTo(options.mailboxUrl, options.to)) {
      const found = options.pattern.exec(mail.text)?.[1];
      if (found !== undefined) return found;
    }
    await sleep(PAUSE_MS);
  }
  throw new Error(`No mail that fits ${options.pattern} came within ${options.timeoutMs ?? 15_000} ms.`);
}

/** The mails to an address, newest first. */
export async function mailsTo(mailboxUrl: string, to: string): Promise<Mail[]> {
  const response = await fetch(`${mailboxUrl}/api/messages?to=${encodeURIComponent(to)}`);
  if (!response.ok) throw new Error(`The mailbox answered ${response.status}.`);
  return (await response.json()) as Mail[];
}
