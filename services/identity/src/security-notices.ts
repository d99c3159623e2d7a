import type { Parts } from "@partake/service";
import { securityNotices } from "./store/security-notices.ts";

const mailTimeoutMs = 5_000;
const mostAtOnce = 50;

/** Hands waiting notices to messaging, the oldest first; its id keeps one from being sent twice. On one replica at a time. */
export async function sendSecurityNotices({ store, clients, config }: Parts): Promise<void> {
  const waiting = await store.find(securityNotices, {}, { limit: mostAtOnce, sort: { _id: 1 } });
  for (const notice of waiting) {
    const { _id: id, template, to, language, expiresAt } = notice;
    const mail = { id, to, template, language, values: { link: `${config.origin}/account/passkeys` } };
    await clients.Messaging.sendMail({ ...mail, expiresAt: expiresAt.toISOString() }, { timeoutMs: mailTimeoutMs });
    await store.write({ actorId: "service:identity", traceparent: undefined }, async (tx) => {
      const current = await tx.get(securityNotices, id);
      if (current !== undefined) await tx.remove(securityNotices, current);
      return id;
    });
  }
}
