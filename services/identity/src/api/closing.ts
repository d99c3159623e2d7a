import { PLATFORM } from "@partake/authz";
import { failure } from "@partake/failure";
import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { forgetReasons } from "../forgotten-reasons.ts";
import { checkNotLastAdmin, checkSuccessor, removeGrant } from "../store/grant-changes.ts";
import { grants } from "../store/grants.ts";
import { endSessions, openSessions } from "../store/login-sessions.ts";
import { followUser } from "../store/members.ts";
import { passkeys, passkeysOf } from "../store/passkeys.ts";
import { users } from "../store/users.ts";
import { checkOwnLogIn } from "./checks.ts";
import { addressOf } from "./invitations.ts";

const forgotten = { enabled: false, name: "", email: undefined, languages: undefined };
/** Of more roles than that, as of whoever made many contacts, an admin takes some first: they all end in one transaction. */
const mostGrants = 1_000;

/**
 * Closing one's account. What it did stays with the records of others, under an id that names nobody any more. Whoever has a
 * participation ends that first: with it comes what they may still read and export. (R23)
 */
export function closingApi({ store }: Parts): Pick<Implementation<"Identity">, "closeAccount"> {
  return {
    async closeAccount({ email }, call) {
      checkOwnLogIn(call);
      const userId = call.actorId;
      await store.write(call, async (tx) => {
        const user = await tx.get(users, userId);
        if (user === undefined || !user.enabled) throw failure("not_found", "not_found");
        const given = email === "" ? undefined : addressOf(email);
        if (given !== user.email) throw failure("unprocessable", "email_mismatch");
        const held = await tx.find(grants, { userId, removed: false }, { limit: mostGrants + 1 });
        if (held.some(({ organisationId }) => organisationId === PLATFORM)) throw failure("unprocessable", "operator");
        if (held.some(({ participant }) => participant !== undefined && participant.state !== "ended"))
          throw failure("unprocessable", "participation_active");
        if (held.length > mostGrants) throw failure("unprocessable", "too_many_roles");
        for (const grant of held) {
          await checkNotLastAdmin(tx, grant);
          await checkSuccessor(tx, grant);
          await removeGrant(tx, grant);
        }
        for (const passkey of await passkeysOf(tx, userId)) await tx.remove(passkeys, passkey);
        const isWhole = await forgetReasons(tx, userId);
        await endSessions(tx, await openSessions(tx, userId), { endsBrowser: () => true });
        const closed = await tx.update(users, user, { ...forgotten, ...(!isWhole && { hasReasonsLeft: true }) });
        await followUser(tx, closed);
        const { version } = closed;
        tx.emit({ type: "org.partake.user.changed.v1", data: { userId, enabled: false, version } });
        tx.audit({ action: "account.closed", organisationId: PLATFORM, subjectId: userId });
        return userId;
      });
      return {};
    },
  };
}
