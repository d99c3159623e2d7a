import { setTimeout as sleep } from "node:timers/promises";

/** A mail as the local platform's mailbox tells it (`GET /api/messages`). */
export interface Mail {
  id: string;
  subject: string;
  text: string;
  html?: string;
}

const PAUSE_MS = 50;
const MOST_MAILS = 50;

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

/** The mails to an address, newest first: from the local platform's mailbox, or from Mailpit, which receives them in containers. */
export async function mailsTo(mailboxUrl: string, to: string): Promise<Mail[]> {
  const own = await fetch(`${mailboxUrl}/api/messages?to=${encodeURIComponent(to)}`);
  if (own.status !== 404) return (await told(own)) as Mail[];
  await own.body?.cancel();
  const query = encodeURIComponent(`to:"${to}"`);
  const found = await told(await fetch(`${mailboxUrl}/api/v1/search?limit=${MOST_MAILS}&query=${query}`));
  return Promise.all((found as { messages: { ID: string }[] }).messages.map(({ ID }) => mailpitMail(mailboxUrl, ID)));
}

async function mailpitMail(mailboxUrl: string, id: string): Promise<Mail> {
  const { Subject, Text, HTML } = (await told(await fetch(`${mailboxUrl}/api/v1/message/${id}`))) as {
    Subject: string;
    Text: string;
    HTML: string;
  };
  return { id, subject: Subject, text: Text, html: HTML };
}

async function told(response: Response): Promise<unknown> {
  if (!response.ok) throw new Error(`The mailbox answered ${response.status}.`);
  return response.json();
}
