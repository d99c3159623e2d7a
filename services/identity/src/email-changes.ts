import { timingSafeEqual } from "node:crypto";
import { failure } from "@partake/failure";
import type { Store } from "@partake/store";
import { makeCode } from "./domain/login-code.ts";
import { emailChanges } from "./store/email-changes.ts";
import { endSessions, openSessions } from "./store/login-sessions.ts";
import { followUser } from "./store/members.ts";
import type { Sealing } from "./store/sealing.ts";
import { users } from "./store/users.ts";

/** The secrets of a change of address: a code for the new one, a key for the old one. Neither is stored. */
export interface EmailChangeSecrets {
  /** The same for the same change, so that a repeat sends what was sent; of the address, as an id may come again with another. */
  codeOf(change: { changeId: string; to: string }): string;
  codeHash(changeId: string, code: string): string;
  undoKey(changeId: string): string;
  isUndoKey(changeId: string, key: string): boolean;
}

export function emailChangeSecrets(sealing: Sealing): EmailChangeSecrets {
  return {
    codeOf({ changeId, to }) {
      const secret = Buffer.from(sealing.mac(`${changeId}:${to}`, "email change"), "base64url");
      return makeCode((bound) => Number(secret.readBigUInt64BE() % BigInt(bound)));
    },
    codeHash: (changeId, code) => sealing.mac(`${changeId}:${code}`, "email change code"),
    undoKey: (changeId) => sealing.mac(changeId, "email change undo"),
    isUndoKey(changeId, key) {
      const given = Buffer.from(key);
      const known = sealing.macs(changeId, "email change undo").map((text) => Buffer.from(text));
      return known.some((one) => one.length === given.length && timingSafeEqual(one, given));
    },
  };
}

/** Gives the account its old address back and ends every log-in: whoever changed it may be there still. */
export async function undo(store: Store, of: { changeId: string; now: Date }): Promise<void> {
  const { changeId, now } = of;
  await store.write({ actorId: "service:identity", traceparent: undefined }, async (tx) => {
    const change = await tx.get(emailChanges, changeId);
    const user = change === undefined ? undefined : await tx.get(users, change.userId);
    const { from, undoUntil, state } = change ?? {};
    if (change === undefined || user === undefined || from === undefined) throw failure("gone", "undo_ended");
    if (state === "undone") return changeId;
    if (undoUntil === undefined || undoUntil <= now || !user.enabled) throw failure("gone", "undo_ended");
    await followUser(tx, await tx.update(users, user, { email: from }));
    await tx.update(emailChanges, change, { state: "undone" });
    await endSessions(tx, await openSessions(tx, user._id), { endsBrowser: () => true });
    tx.audit({ action: "email.changed", organisationId: "platform", subjectId: user._id });
    return changeId;
  });
}
