import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { WEB_CLIENT } from "../provider/clients.ts";
import { endSessions, type LoginSessionRecord, loginSessions, openSessions } from "../store/login-sessions.ts";

type Sessions = Pick<Implementation<"Identity">, "listSessions" | "endSession" | "endSessions">;
type Client = Awaited<ReturnType<Sessions["listSessions"]>>["items"][number]["client"];

/** Where a person is logged in. Ending a browser's log-in ends it at the provider, too; an app's ends the app's alone. (R23) */
export function sessionsApi({ store }: Parts): Sessions {
  return {
    async listSessions(_request, call) {
      const open = await openSessions(store, call.actorId);
      return { items: open.map((session) => sessionMessage(session, currentOf(call))) };
    },

    async endSession({ sessionId }, call) {
      await store.write(call, async (tx) => {
        const session = await tx.get(loginSessions, sessionId);
        if (session === undefined || session.userId !== call.actorId) throw failure("not_found", "not_found");
        await endSessions(tx, [session], { endsBrowser: ({ clientId }) => clientId === WEB_CLIENT });
        tx.audit({ action: "session.ended", organisationId: "platform", subjectId: sessionId });
        return sessionId;
      });
      return {};
    },

    async endSessions({ keepCurrent }, call) {
      const userId = call.actorId;
      await store.write(call, async (tx) => {
        const open = await openSessions(tx, userId);
        const current = open.find(({ _id }) => _id === currentOf(call));
        const ending = open.filter((session) => !keepCurrent || session !== current);
        const isKept = (browserId: string) => keepCurrent && browserId === current?.browserId;
        await endSessions(tx, ending, { endsBrowser: ({ browserId }) => !isKept(browserId) });
        tx.audit({ action: "session.ended", organisationId: "platform", subjectId: userId });
        return userId;
      });
      return {};
    },
  };
}

function currentOf({ caller }: Call): string | undefined {
  return caller.kind === "user" ? caller.sessionId : undefined;
}

function sessionMessage(session: LoginSessionRecord, current: string | undefined) {
  const { _id: id, clientId, device, network, startedAt, seenAt } = session;
  return {
    ...{ id, device, network, current: id === current },
    client: clientId.replace(/^partake-/, "") as Client,
    startedAt: startedAt.toISOString(),
    seenAt: seenAt.toISOString(),
  };
}
