import { createTransport } from "nodemailer";
import { type Answer, answerOf } from "./domain/attempts.ts";
import type { ComposedMail } from "./domain/mail.ts";

export interface Envelope extends ComposedMail {
  from: string;
  to: string;
  messageId: string;
  date: Date;
}

/** A way to hand mails to a mail server. */
export interface Smtp {
  send(mail: Envelope): Promise<Answer>;
  close(): void;
}

const CONNECTIONS = 5;
const CONNECT_TIMEOUT_MS = 10_000;
const SILENCE_TIMEOUT_MS = 20_000;
/** Over everything: no attempt outlives the lease under which it is made. */
export const SEND_TIMEOUT_MS = 60_000;

/** A pool of connections to the server of an smtp:// or smtps:// URL. Addresses and texts never reach a log. */
export function openSmtp(url: string): Smtp {
  const transport = createTransport({
    url,
    pool: true,
    maxConnections: CONNECTIONS,
    connectionTimeout: CONNECT_TIMEOUT_MS,
    greetingTimeout: CONNECT_TIMEOUT_MS,
    socketTimeout: SILENCE_TIMEOUT_MS,
    // Nothing of a mail is ever read from a file or fetched.
    disableFileAccess: true,
    disableUrlAccess: true,
    logger: false,
  });
  return {
    async send({ from, to, subject, text, html, messageId, date }) {
      const sending = transport.sendMail({
        from,
        // As an object it is one address, whatever characters it holds.
        to: { name: "", address: to },
        subject,
        text,
        html,
        messageId,
        date,
        // RFC 3834: no automatic reply to an automatic message.
        headers: { "Auto-Submitted": "auto-generated" },
      });
      try {
        await within(SEND_TIMEOUT_MS, sending);
        return { kind: "accepted" };
      } catch (thrown) {
        return answerOf(thrown);
      }
    },
    close: () => transport.close(),
  };
}

async function within(timeoutMs: number, work: Promise<unknown>): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(Object.assign(new Error("too slow"), { code: "ETIMEDOUT" })), timeoutMs);
  });
  try {
    await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
