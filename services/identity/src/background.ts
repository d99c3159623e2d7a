import type { Parts, Running } from "@partake/service";
import { auditSealing } from "./audit-sealing.ts";
import { heartbeat } from "./heartbeat.ts";
import { invitationMail } from "./invitation-mail.ts";
import { openProvider } from "./provider/open-provider.ts";
import { accounts } from "./store/accounts.ts";

const mailTimeoutMs = 5_000;

/** What runs as long as identity does, beside its RPCs. */
export function background(parts: Parts): Promise<Running>[] {
  return [
    openProvider({ ...providerParts(parts), mailCode: (of) => mailCode(parts, of) }),
    Promise.resolve(heartbeat(parts)),
    Promise.resolve(auditSealing(parts)),
    Promise.resolve(invitationMail(parts).work()),
    dismissOperators(parts),
  ];
}

function providerParts({ config, store, log, clock, newId }: Parts) {
  return { config, store, log, clock, newId };
}

async function mailCode(
  { clients, newId }: Parts,
  of: { email: string; code: string; expiresAt: Date },
): Promise<void> {
  const { email: to, code, expiresAt } = of;
  const mail = { id: newId("eml"), to, template: "login_code" as const, language: "en", values: { code } };
  await clients.Messaging.sendMail({ ...mail, expiresAt: expiresAt.toISOString() }, { timeoutMs: mailTimeoutMs });
}

/** Operators who are no longer configured lose their role at the start, not only when they next log in. */
async function dismissOperators({ store, newId, config, log }: Parts): Promise<Running> {
  const { platformOperators, billingOperators } = config;
  await accounts({ store, newId, platformOperators, billingOperators })
    .dismissOperators()
    .catch((error: unknown) => log.error({ err: error }, "operators could not be compared with the configuration"));
  return { stop: async () => undefined };
}
