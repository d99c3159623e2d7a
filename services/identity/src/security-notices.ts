import { eachDue, type Parts } from "@partake/service";
import { emailChangeSecrets } from "./email-changes.ts";
import { sealing as openSealing } from "./store/sealing.ts";
import { type SecurityNoticeRecord, securityNotices } from "./store/security-notices.ts";

const mailTimeoutMs = 5_000;
const mostAtOnce = 50;

/** Hands waiting notices to messaging, the oldest first; its id keeps one from being sent twice. On one replica at a time. */
export async function sendSecurityNotices(parts: Parts): Promise<void> {
  const { store, clients, config } = parts;
  const secrets = emailChangeSecrets(openSealing(config.encryptionKeys));

  function linkOf({ changeId }: SecurityNoticeRecord): string {
    if (changeId === undefined) return `${config.origin}/account/passkeys`;
    return `${config.origin}/login/undo-email?change=${changeId}&key=${secrets.undoKey(changeId)}`;
  }

  async function send(notice: SecurityNoticeRecord): Promise<void> {
    const { _id: id, template, to, language, expiresAt } = notice;
    const mail = { id, to, template, language, values: { link: linkOf(notice) }, expiresAt: expiresAt.toISOString() };
    await clients.Messaging.sendMail(mail, { timeoutMs: mailTimeoutMs });
    await store.write({ actorId: "service:identity", traceparent: undefined }, async (tx) => {
      const current = await tx.get(securityNotices, id);
      if (current !== undefined) await tx.remove(securityNotices, current);
      return id;
    });
  }

  await eachDue(parts, {
    name: "security-notices",
    find: (_id) => store.find(securityNotices, { _id }, { limit: mostAtOnce, sort: { _id: 1 } }),
    work: send,
  });
}
