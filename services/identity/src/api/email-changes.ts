import { failure } from "@partake/failure";
import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Store, trusted } from "@partake/store";
import { CODE_LIFE_MS, judgeCode, readCode } from "../domain/login-code.ts";
import { emailChangeSecrets } from "../email-changes.ts";
import { type EmailChangeRecord, emailChanges, undoable } from "../store/email-changes.ts";
import { followUser } from "../store/members.ts";
import { sealing as openSealing } from "../store/sealing.ts";
import { NOTICE_LIFE_MS, notice } from "../store/security-notices.ts";
import { type UserRecord, users } from "../store/users.ts";
import { checkOwnLogIn } from "./checks.ts";
import { addressOf } from "./invitations.ts";

type Changes = Pick<Implementation<"Identity">, "changeEmail" | "confirmEmailChange">;
type Me = Pick<Implementation<"Identity">, "getMe">;

const dayMs = 24 * 60 * 60_000;
const mostADay = 5;
const mailTimeoutMs = 5_000;

/** Changing the address of one's account. The new one proves that it is read, the old one can take it back. (R23) */
export function emailChangesApi(parts: Parts, me: Me): Changes {
  const { store, clock, config, clients, newId } = parts;
  const secrets = emailChangeSecrets(openSealing(config.encryptionKeys));
  return {
    async changeEmail({ id: _id, email }, call) {
      checkOwnLogIn(call);
      const userId = call.actorId;
      const to = addressOf(email);
      const now = clock.now();
      await checkFlood(store, { userId, besides: _id, now });
      const code = secrets.codeOf({ changeId: _id, to });
      const codeUntil = new Date(now.getTime() + CODE_LIFE_MS);
      const { id } = await store.write(call, async (tx) => {
        await tx.insert(emailChanges, {
          ...{ _id, userId, to, codeHash: secrets.codeHash(_id, code), tries: 0, codeUntil, state: "pending" as const },
          ...{ createdAt: tx.now, expiresAt: new Date(tx.now.getTime() + dayMs) },
        });
        return _id;
      });
      const change = await ownChange(store, id, userId);
      // Of a repeat, too: messaging may have been away the first time. The mail has one id, so it goes out once.
      if (isWaitingFor(change, secrets.codeHash(id, code), now)) {
        const mail = { id: `eml${id.slice(3)}`, to, template: "email_change_code" as const, language: "en" };
        const expiresAt = change.codeUntil.toISOString();
        await clients.Messaging.sendMail({ ...mail, values: { code }, expiresAt }, { timeoutMs: mailTimeoutMs });
      }
      return { id, expiresAt: change.codeUntil.toISOString() };
    },

    async confirmEmailChange({ emailChangeId, code }, call) {
      const userId = call.actorId;
      await ownChange(store, emailChangeId, userId);
      let outcome: ReturnType<typeof judgeCode> | "taken" = "expired";
      const mailId = newId("eml");
      // A wrong try is counted, so the write succeeds whatever comes of it, and is no repeat of another.
      await store.write({ actorId: userId, traceparent: call.traceparent }, async (tx) => {
        const [change, user] = [await tx.get(emailChanges, emailChangeId), await tx.get(users, userId)];
        if (change?.state === "done") outcome = "right";
        if (change?.state !== "pending" || user === undefined) return emailChangeId;
        const tries = change.tries + 1;
        const stored = { codeHash: change.codeHash, tries, expiresAt: change.codeUntil };
        const given = secrets.codeHash(emailChangeId, readCode(code));
        outcome = judgeCode(stored, (hash) => hash === given, tx.now);
        const isTaken = outcome === "right" && (await isInUse(tx, { to: change.to, userId, now: tx.now }));
        if (outcome !== "right" || isTaken) {
          if (isTaken) outcome = "taken";
          await tx.update(emailChanges, change, { tries });
          return emailChangeId;
        }
        await tx.update(emailChanges, change, { state: "done", tries, ...undoing(user, tx.now) });
        await notice(tx, { id: mailId, user, template: "email_changed", changeId: emailChangeId });
        await followUser(tx, await tx.update(users, user, { email: change.to }));
        tx.audit({ action: "email.changed", organisationId: "platform", subjectId: userId });
        return emailChangeId;
      });
      refuse(outcome);
      return me.getMe({}, call);
    },
  };
}

/** The old address is told, and undoes the change for a week. Who had none had none that could. */
function undoing({ email: from }: UserRecord, now: Date): Partial<EmailChangeRecord> {
  if (from === undefined) return {};
  const undoUntil = new Date(now.getTime() + NOTICE_LIFE_MS);
  return { from, undoUntil, expiresAt: new Date(undoUntil.getTime() + dayMs) };
}

function refuse(outcome: ReturnType<typeof judgeCode> | "taken"): void {
  switch (outcome) {
    case "right":
      return;
    case "wrong":
      throw failure("unprocessable", "code_wrong");
    case "expired":
    case "worn_out":
      throw failure("gone", "code_expired");
    case "taken":
      // Only who reads that address hears it.
      throw failure("conflict", "email_taken");
    default:
      outcome satisfies never;
  }
}

async function isInUse(from: Pick<Store, "find">, of: { to: string; userId: string; now: Date }): Promise<boolean> {
  const { to, userId, now } = of;
  const [other] = await from.find(users, { email: to }, { limit: 1 });
  if (other !== undefined && other._id !== userId) return true;
  const held = await undoable(from, to, now);
  return held !== undefined && held.userId !== userId;
}

async function ownChange(store: Store, id: string, userId: string): Promise<EmailChangeRecord> {
  const change = await store.get(emailChanges, id);
  if (change === undefined || change.userId !== userId) throw failure("not_found", "not_found");
  return change;
}

function isWaitingFor({ state, codeHash, codeUntil }: EmailChangeRecord, hash: string, now: Date): boolean {
  return state === "pending" && codeHash === hash && codeUntil > now;
}

async function checkFlood(store: Store, of: { userId: string; besides: string; now: Date }): Promise<void> {
  const since = trusted({ $gte: new Date(of.now.getTime() - dayMs) });
  const others = { userId: of.userId, createdAt: since, _id: trusted({ $ne: of.besides }) };
  if ((await store.count(emailChanges, others)) >= mostADay)
    throw failure("rate_limited", "too_many_email_changes", { retryAfterMs: 60 * 60_000 });
}
