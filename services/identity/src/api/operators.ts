import type { AuditAction } from "@partake/contract";
import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import type { Store, Transaction } from "@partake/store";
import { tellOrganisation } from "../store/grant-changes.ts";
import { organisationExports } from "../store/organisation-exports.ts";
import { type OrganisationRecord, type OrganisationState, organisations } from "../store/organisations.ts";
import { organisationMessage } from "./messages.ts";
import { exportMessage } from "./organisation-exports.ts";

type Operators = Pick<
  Implementation<"Identity">,
  "suspendOrganisation" | "resumeOrganisation" | "closeOrganisation" | "exportOrganisation"
>;

const dayMs = 24 * 60 * 60_000;
const exportLifeMs = 14 * dayMs;

/**
 * What operators of the platform do to an organisation. Its state travels with the grants' version, so that every enforcer
 * refuses its tokens as fast as it takes a role away. (X7)
 */
export function operatorsApi({ store }: Parts): Operators {
  return {
    suspendOrganisation: ({ organisationId }, call) =>
      change(store, call, { organisationId, to: "suspended", action: "organisation.suspended" }),
    resumeOrganisation: ({ organisationId }, call) =>
      change(store, call, { organisationId, to: "active", action: "organisation.resumed" }),
    closeOrganisation: ({ organisationId, name }, call) =>
      change(store, call, { organisationId, to: "closed", action: "organisation.closed", name }),

    async exportOrganisation({ organisationId, id: _id }, call) {
      const { id } = await store.write(call, async (tx) => {
        const { state } = await present(tx, organisationId);
        if (state !== "active") throw failure("conflict", "organisation_not_active");
        const expiresAt = new Date(tx.now.getTime() + exportLifeMs);
        await tx.insert(organisationExports, { _id, organisationId, openedAt: tx.now, expiresAt });
        tx.audit({ action: "organisation.export_opened", organisationId, subjectId: _id });
        return _id;
      });
      const opened = await store.get(organisationExports, id);
      if (opened === undefined) throw failure("not_found", "not_found");
      return exportMessage(opened);
    },
  };
}

interface Change {
  organisationId: string;
  to: OrganisationState;
  action: AuditAction;
  name?: string;
}

async function change(store: Store, call: Call, { organisationId, to, action, name }: Change) {
  await store.write(call, async (tx) => {
    const organisation = await present(tx, organisationId);
    checkChange(organisation.state, to);
    if (name !== undefined && name.trim() !== organisation.name) {
      const errors = [{ pointer: "/name", code: "not_allowed", message: "is not the organisation's name" }];
      throw failure("invalid", "name_mismatch", { errors });
    }
    const changed = await tx.update(organisations, organisation, { state: to });
    await tellOrganisation(tx, changed);
    tx.audit({ action, organisationId, subjectId: organisationId });
    return organisationId;
  });
  const organisation = await store.get(organisations, organisationId);
  if (organisation === undefined) throw failure("not_found", "organisation_not_found");
  return organisationMessage(organisation);
}

function checkChange(from: OrganisationState, to: OrganisationState): void {
  switch (to) {
    case "suspended":
      if (from !== "active") throw failure("conflict", "organisation_not_active");
      return;
    case "active":
      if (from !== "suspended") throw failure("conflict", "organisation_not_suspended");
      return;
    case "closed":
      if (from === "closed") throw failure("conflict", "organisation_closed");
      return;
    default:
      to satisfies never;
  }
}

async function present(tx: Transaction, organisationId: string): Promise<OrganisationRecord> {
  const organisation = await tx.get(organisations, organisationId);
  if (organisation === undefined) throw failure("not_found", "organisation_not_found");
  return organisation;
}
