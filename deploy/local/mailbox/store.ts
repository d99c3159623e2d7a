import { randomUUID } from "node:crypto";

export interface Mail {
  id: string;
  /** Addresses of the envelope: who really receives it, blind copies included. */
  to: readonly string[];
  from: string;
  subject: string;
  text: string;
  html: string;
  /** When it arrived, ISO 8601. */
  at: string;
}

/** A mail as it arrives. */
export type Arriving = Omit<Mail, "id" | "at"> & {
  /** RFC 5322, 3.6.4. */
  messageId?: string | undefined;
};

export interface MailStore {
  /** One that came before, by its Message-ID, is the same mail: whoever sends may have to send again. */
  add(mail: Arriving): Mail;
  /** Newest first. */
  list(options?: { to?: string; limit?: number }): Mail[];
  find(id: string): Mail | undefined;
  clear(): void;
}

const mostMails = 2_000;
const mostCharacters = 64 * 1024 * 1024;

/** Mail in memory: the oldest goes when there are too many or they are too large together. */
export function createMailStore(now: () => Date = () => new Date()): MailStore {
  let mails: (Mail & Arriving)[] = [];
  let characters = 0;
  const size = (mail: Mail) => mail.text.length + mail.html.length;
  return {
    add(content) {
      const known = content.messageId && mails.find(({ messageId }) => messageId === content.messageId);
      if (known) return known;
      const mail = { ...content, id: randomUUID(), at: now().toISOString() };
      mails.push(mail);
      characters += size(mail);
      while (mails.length > mostMails || (characters > mostCharacters && mails.length > 1)) {
        const oldest = mails.shift();
        if (oldest !== undefined) characters -= size(oldest);
      }
      return mail;
    },
    list({ to, limit = mostMails } = {}) {
      const wanted = to?.trim().toLowerCase();
      const matches = mails.filter(
        (mail) => wanted === undefined || mail.to.some((one) => one.toLowerCase() === wanted),
      );
      return matches.slice(-limit).reverse();
    },
    find: (id) => mails.find((mail) => mail.id === id),
    clear() {
      mails = [];
      characters = 0;
    },
  };
}
