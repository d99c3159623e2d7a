import type { Parts } from "@partake/service";
import type { Transaction } from "@partake/store";
import type { TemplateName } from "./domain/mail-values.ts";
import { queued } from "./queueing.ts";
import type { Sealing } from "./sealing.ts";
import { mails } from "./store/mails.ts";
import { type NotificationRecord, notifications } from "./store/notifications.ts";

/** Somebody who is told, with where to write to if a mail goes out, too. */
export interface Told {
  userId: string;
  kind: NotificationRecord["kind"];
  address?: { email: string; language: string };
}

/** What they are told of: its ids, and what decides who may read it. */
export interface Telling {
  about: Omit<NotificationRecord, "_id" | "version" | "ownerId" | "kind" | "read" | "createdAt">;
  template: TemplateName;
  /** The path of the page that the mail leads to, with its query. */
  page: string;
}

export interface TellingParts extends Pick<Parts, "clients" | "config" | "newId"> {
  sealing: Sealing;
  /** Says that a mail was queued. */
  wake(): void;
}

/** The transaction is committed by then, most of the time; else the next look finds the mail. */
const WAKE_AFTER_MS = 50;

/** Tells people live in the platform and, where they have an address, by e-mail. (G5, E8) */
export async function tell(
  { config, newId, sealing, wake }: TellingParts,
  tx: Transaction,
  { told, about, template, page }: Telling & { told: readonly Told[] },
): Promise<void> {
  const { organisationId } = about;
  const link = `${config.origin}${page}`;
  const { now } = tx;
  for (const { userId, kind, address } of told) {
    const _id = newId("ntf");
    await tx.insert(notifications, { _id, ...about, ownerId: userId, kind, read: false, createdAt: now });
    tx.emit({ type: "org.partake.notification.created.v1", data: { userId, organisationId, notificationId: _id } });
    if (!address) continue;
    const { email: to, language } = address;
    const order = { id: newId("eml"), to, language, template, values: { link } };
    await tx.insert(mails, queued(order, { sealing, now }));
  }
  if (told.some(({ address }) => address)) setTimeout(wake, WAKE_AFTER_MS).unref();
}
