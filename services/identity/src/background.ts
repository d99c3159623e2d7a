import type { Parts, Running } from "@partake/service";
import { sealWaiting } from "./audit-sealing.ts";
import { recordEndedRoles } from "./ended-roles.ts";
import { forgetReasonsLeft } from "./forgotten-reasons.ts";
import { beat } from "./heartbeat.ts";
import { invitationMail } from "./invitation-mail.ts";
import { showsProjects } from "./open-projects.ts";
import { repeat } from "./periodic-work.ts";
import { openProvider } from "./provider/open-provider.ts";
import { signingKeys } from "./provider/signing-keys.ts";
import { advanceRedactionEndings } from "./redaction-ending.ts";
import { redeeming } from "./redeeming.ts";
import { endRemovedScopes } from "./removed-scopes.ts";
import { sendSecurityNotices } from "./security-notices.ts";
import { accounts } from "./store/accounts.ts";
import { sealing } from "./store/sealing.ts";

const mailTimeoutMs = 5_000;
const lookMs = 5_000;
const mailMs = 2_000;

/** What runs as long as identity does, beside its RPCs. `lookEveryMs`: how often it looks for what is due; tests wait for that. */
export function background(parts: Parts, { lookEveryMs = lookMs } = {}): Promise<Running>[] {
  return [
    openProvider({
      ...providerParts(parts),
      mailCode: (of) => mailCode(parts, of),
      redeeming: redeeming(parts),
      showsProjects: (of) => showsProjects(parts, of),
    }),
    Promise.resolve(parts.store.lead("identity", (signal) => leaderWork(parts, { signal, lookEveryMs }))),
    dismissOperators(parts),
  ];
}

/** What one replica does for all, under one lease. */
async function leaderWork(parts: Parts, of: { signal: AbortSignal; lookEveryMs: number }): Promise<void> {
  const { signal, lookEveryMs } = of;
  const { store, log, clock, config } = parts;
  const mail = invitationMail(parts);
  const keys = signingKeys({ store, sealing: sealing(config.encryptionKeys), clock });
  const works = [
    { everyMs: 1_000, work: () => beat(parts) },
    { everyMs: lookEveryMs, work: () => sealWaiting(parts) },
    { everyMs: Math.min(mailMs, lookEveryMs), work: () => mail.sendDue() },
    { everyMs: lookEveryMs, work: () => recordEndedRoles(parts) },
    { everyMs: lookEveryMs, work: () => endRemovedScopes(parts) },
    { everyMs: lookEveryMs, work: () => advanceRedactionEndings(parts) },
    { everyMs: lookEveryMs, work: () => sendSecurityNotices(parts) },
    { everyMs: lookEveryMs, work: () => forgetReasonsLeft(parts) },
    { everyMs: 600_000, work: () => keys.rotate() },
  ];
  await Promise.all(works.map((periodic) => repeat({ ...periodic, signal, log })));
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
async function dismissOperators({ store, newId, clock, config, log }: Parts): Promise<Running> {
  const { platformOperators, billingOperators } = config;
  await accounts({ store, newId, clock, platformOperators, billingOperators })
    .dismissOperators()
    .catch((error: unknown) => log.error({ err: error }, "operators could not be compared with the configuration"));
  return { stop: async () => undefined };
}
