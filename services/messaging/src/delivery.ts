import { asFailure } from "@partake/failure";
import type { Parts, Running } from "@partake/service";
import { trusted } from "@partake/store";
import { type Answer, afterAttempt, type NextStep } from "./domain/attempts.ts";
import { composeMail, messageId } from "./domain/mail.ts";
import { mailValues } from "./domain/mail-values.ts";
import { unsealed } from "./queueing.ts";
import type { Sealing } from "./sealing.ts";
import type { Envelope, Smtp } from "./smtp.ts";
import { type MailRecord, mails } from "./store/mails.ts";

/** Longer than any attempt takes: after it the process that made it is gone. */
const LEASE_MS = 120_000;
const PAUSE_MS = 2_000;
const BATCH = 10;
const DRAIN_MS = 20_000;

export interface Delivery extends Running {
  /** Says that a mail was queued: it is not to wait for the next look. */
  wake(): void;
}

export interface DeliveryParts extends Pick<Parts, "store" | "clock" | "log"> {
  config: Pick<Parts["config"], "mailFrom" | "origin">;
  sealing: Sealing;
  smtp: Smtp;
  pauseMs?: number;
}

const cause = { actorId: "service:messaging", traceparent: undefined };

/**
 * Sends what is queued. Every replica does: each claims a mail for the length of a lease before it sends it, so a mail is sent by
 * one at a time, and again after a crash, with the same Message-ID.
 */
export function startDelivery(parts: DeliveryParts): Delivery {
  const { store, clock, log, smtp, pauseMs = PAUSE_MS } = parts;
  const stopping = new AbortController();
  let awake: () => void = () => undefined;
  let isWoken = false;

  async function claim(mail: MailRecord): Promise<MailRecord | undefined> {
    const nextAttemptAt = new Date(clock.now().getTime() + LEASE_MS);
    let claimed: MailRecord | undefined;
    try {
      await store.write(cause, async (tx) => {
        claimed = await tx.update(mails, mail, { nextAttemptAt, attempts: mail.attempts + 1 });
        return mail._id;
      });
    } catch (thrown) {
      // Another replica was faster.
      if (asFailure(thrown).reason === "concurrent_change") return undefined;
      throw thrown;
    }
    return claimed;
  }

  async function conclude(mail: MailRecord, step: NextStep): Promise<void> {
    await store.write(cause, async (tx) => (await tx.update(mails, mail, changesBy(step, clock.now())))._id);
    const reason = "reason" in step ? step.reason : undefined;
    const fields = { mailId: mail._id, template: mail.template, state: step.state, attempts: mail.attempts, reason };
    if (step.state === "sent") log.info(fields, "mail sent");
    else log.warn(fields, step.state === "queued" ? "mail will be tried again" : "mail given up");
  }

  async function deliver(mail: MailRecord): Promise<void> {
    if (mail.expiresAt && mail.expiresAt <= clock.now()) return conclude(mail, { state: "expired" });
    const claimed = await claim(mail);
    if (!claimed) return;
    const answer = await send(claimed);
    const { attempts, expiresAt } = claimed;
    await conclude(claimed, afterAttempt(answer, { attempts, expiresAt, now: clock.now() }));
  }

  async function send(mail: MailRecord): Promise<Answer> {
    let envelope: Envelope;
    try {
      envelope = envelopeOf(mail, parts);
    } catch (error) {
      log.error({ err: error, mailId: mail._id }, "a mail cannot be made");
      return { kind: "never", reason: "unreadable" };
    }
    return smtp.send(envelope);
  }

  /** How many were due. */
  async function look(): Promise<number> {
    const due = { state: "queued", nextAttemptAt: trusted({ $lte: clock.now() }) };
    const found = await store.find(mails, due, { sort: { nextAttemptAt: 1 }, limit: BATCH });
    const ended = await Promise.allSettled(found.map(deliver));
    for (const each of ended) if (each.status === "rejected") log.error({ err: each.reason }, "a mail's turn failed");
    return ended.some((each) => each.status === "rejected") ? 0 : found.length;
  }

  async function work(): Promise<void> {
    while (!stopping.signal.aborted) {
      isWoken = false;
      const found = await look().catch((error: unknown) => {
        log.error({ err: error }, "queued mails cannot be read");
        return 0;
      });
      if (found < BATCH && !isWoken) await rest();
    }
  }

  /** Until the next look is due, or somebody wakes it. */
  async function rest(): Promise<void> {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, pauseMs);
      awake = () => {
        clearTimeout(timer);
        resolve();
      };
      if (stopping.signal.aborted) awake();
    });
  }

  const working = work();
  return {
    wake() {
      isWoken = true;
      awake();
    },
    async stop() {
      stopping.abort();
      awake();
      const bound = new Promise<void>((resolve) => setTimeout(resolve, DRAIN_MS).unref());
      await Promise.race([working, bound]);
      smtp.close();
    },
  };
}

/** At its end nothing personal stays of a mail. */
function changesBy(step: NextStep, now: Date): Partial<MailRecord> {
  const reason = "reason" in step ? step.reason : undefined;
  const told = { state: step.state, ...(reason !== undefined && { reason }) };
  if (step.state === "queued") return { ...told, nextAttemptAt: step.nextAttemptAt };
  return { ...told, endedAt: now, sealed: undefined, nextAttemptAt: undefined };
}

function envelopeOf(mail: MailRecord, { config, sealing }: DeliveryParts): Envelope {
  const { template, language } = mail;
  const { to, values } = unsealed(mail, sealing);
  const composed = composeMail({ template, language, values: mailValues(template, values, config.origin) });
  const from = config.mailFrom;
  return { ...composed, from, to, messageId: messageId(mail._id, from), date: mail.createdAt };
}
