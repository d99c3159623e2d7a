import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Transaction, trusted } from "@partake/store";
import { removeGrant } from "../store/grant-changes.ts";
import { grants } from "../store/grants.ts";
import { serviceAccounts } from "../store/service-accounts.ts";
import { checkStill } from "./checks.ts";
import { placesAround } from "./scopes.ts";
import { accountIn, giveTo } from "./service-accounts.ts";

type Consents = Pick<
  Implementation<"Identity">,
  "listProjectServiceAccounts" | "consentToServiceAccount" | "withdrawServiceAccountConsent"
>;

const consent = "redacted_consent";
const mostShown = 200;

/** What redacted access hides of a project opens to a service account only by a direct manager of it. (R22, R12) */
export function serviceAccountConsentsApi(parts: Parts): Consents {
  const { store, newId } = parts;
  return {
    async listProjectServiceAccounts({ projectId }, { organisationId }) {
      const on = { organisationId, origin: "service_account", removed: false };
      const scope = trusted({ $in: [organisationId, projectId] });
      const held = await store.find(grants, { ...on, scope }, { limit: 10_000 });
      const ids = [...new Set(held.map(({ userId }) => userId))];
      if (ids.length === 0) return { items: [] };
      const filter = { organisationId, revoked: false, _id: trusted({ $in: ids }) };
      const accounts = await store.find(serviceAccounts, filter, { limit: mostShown, sort: { _id: -1 } });
      const consented = new Set(held.filter(({ role }) => role === consent).map(({ userId }) => userId));
      return { items: accounts.map(({ _id: id, name }) => ({ id, name, consented: consented.has(id) })) };
    },

    async consentToServiceAccount({ projectId, serviceAccountId }, call) {
      const grantId = newId("grn");
      await store.write(call, async (tx) => {
        await checkManager(tx, call, projectId);
        const account = await accountIn(tx, call, serviceAccountId);
        if ((await consentOf(tx, { projectId, account: account._id, call })) !== undefined) return account._id;
        await giveTo(tx, account, { grantId, role: consent, scope: projectId, grantedBy: call.actorId });
        return account._id;
      });
      return {};
    },

    async withdrawServiceAccountConsent({ projectId, serviceAccountId }, call) {
      await store.write(call, async (tx) => {
        await checkManager(tx, call, projectId);
        const account = await accountIn(tx, call, serviceAccountId);
        const given = await consentOf(tx, { projectId, account: account._id, call });
        if (given === undefined) throw failure("not_found", "not_found");
        await removeGrant(tx, given);
        return account._id;
      });
      return {};
    },
  };
}

async function checkManager(tx: Transaction, call: Call, projectId: string): Promise<void> {
  const { actorId: userId, organisationId } = call;
  const record = { organisationId, projectId };
  await checkStill(tx, { userId, permission: "service_account.consent", record, places: placesAround(call, record) });
}

async function consentOf(tx: Transaction, of: { projectId: string; account: string; call: Call }) {
  const { projectId: scope, account: userId, call } = of;
  const { organisationId } = call;
  const [given] = await tx.find(grants, { organisationId, userId, role: consent, scope, removed: false }, { limit: 1 });
  return given;
}
