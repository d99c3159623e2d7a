import type { TemplateName } from "./domain/mail-values.ts";
import type { Sealing } from "./sealing.ts";
import type { MailRecord } from "./store/mails.ts";

/** A mail to be sent: what of it is sealed, and the rest. */
export interface Letter {
  to: string;
  values: Readonly<Record<string, string>>;
}

export interface Order extends Letter {
  id: string;
  template: TemplateName;
  language: string;
  expiresAt?: Date | undefined;
}

/** The record of a mail that is due at once. */
export function queued(order: Order, { sealing, now }: { sealing: Sealing; now: Date }): Omit<MailRecord, "version"> {
  const { id: _id, to, values, template, language, expiresAt } = order;
  return {
    _id,
    template,
    language,
    addressHash: sealing.hash(to.toLowerCase(), "address"),
    sealed: sealing.seal(JSON.stringify({ to, values } satisfies Letter), purposeOf(_id)),
    state: "queued",
    attempts: 0,
    nextAttemptAt: now,
    ...(expiresAt && { expiresAt }),
    createdAt: now,
  };
}

export function unsealed(mail: MailRecord, sealing: Sealing): Letter {
  if (mail.sealed === undefined) throw new Error("a mail that has ended is not sent");
  return JSON.parse(sealing.open(mail.sealed, purposeOf(mail._id))) as Letter;
}

function purposeOf(mailId: string): string {
  return `mail ${mailId}`;
}
