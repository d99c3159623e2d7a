import { presets } from "@partake/authz";
import { failure } from "@partake/failure";
import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { tellOrganisation } from "../store/grant-changes.ts";
import { type OrganisationRecord, organisations } from "../store/organisations.ts";
import { organisationMessage } from "./messages.ts";

type Organisations = Pick<
  Implementation<"Identity">,
  "createOrganisation" | "listOrganisations" | "getOrganisation" | "updateOrganisation"
>;

/** Organisations: made by operators of the platform, who see no more of them than this; changed by their admins. */
export function organisationsApi({ store }: Parts): Organisations {
  const present = async (id: string): Promise<OrganisationRecord> => {
    const organisation = await store.get(organisations, id);
    if (organisation === undefined) throw failure("not_found", "not_found");
    return organisation;
  };
  return {
    async createOrganisation({ id: _id, name, preset, timeZone, language }, call) {
      const { contactCreators, ...switches } = presets[preset];
      const { id } = await store.write(call, async (tx) => {
        const organisation = await tx.insert(organisations, {
          _id,
          organisationId: _id,
          name,
          preset,
          timeZone,
          language,
          state: "active",
          switches: { ...switches, contactCreators: [...contactCreators] },
          createdAt: tx.now,
        });
        await tellOrganisation(tx, organisation);
        tx.audit({ action: "organisation.created", organisationId: _id, subjectId: _id });
        return _id;
      });
      return organisationMessage(await present(id));
    },

    async listOrganisations({ limit, cursor }, call) {
      const sort = { field: "name", direction: 1 } as const;
      const { items, nextCursor } = await store.list(organisations, { visible: {}, sort, limit, cursor, call });
      return { items: items.map(organisationMessage), nextCursor };
    },

    async getOrganisation(_request, call) {
      return organisationMessage(await present(call.organisationId));
    },

    async updateOrganisation(request, call) {
      const { organisationId } = call;
      const { name, timeZone, language, languages } = request;
      let version: number | undefined;
      await store.write(call, async (tx) => {
        const organisation = await tx.get(organisations, organisationId);
        if (organisation === undefined) throw failure("not_found", "not_found");
        const switches = { ...organisation.switches, ...changedSwitches(request) };
        const changed = await tx.update(organisations, organisation, {
          ...(name !== undefined && { name }),
          ...(timeZone !== undefined && { timeZone }),
          ...(language !== undefined && { language }),
          ...(languages !== undefined && { languages: languages.tags }),
          switches,
        });
        version = await tellOrganisation(tx, changed);
        tx.audit({ action: "organisation.changed", organisationId, subjectId: organisationId });
        for (const recordId of switched(organisation.switches, switches))
          tx.audit({ action: "switch.changed", organisationId, subjectId: organisationId, recordId });
        return organisationId;
      });
      if (version !== undefined) call.grantsChanged(version);
      return organisationMessage(await present(organisationId));
    },
  };
}

type Update = Parameters<Organisations["updateOrganisation"]>[0];

function changedSwitches(request: Update): Partial<OrganisationRecord["switches"]> {
  const { managersGiveRoles, creatorsCreateProjects, contactCreators, visitorsSeeProjects } = request;
  return {
    ...(managersGiveRoles !== undefined && { managersGiveRoles }),
    ...(creatorsCreateProjects !== undefined && { creatorsCreateProjects }),
    ...(contactCreators !== undefined && { contactCreators: [...new Set(contactCreators.roles)] }),
    ...(visitorsSeeProjects !== undefined && { visitorsSeeProjects }),
  };
}

/** Each switch that took another position, and which, for the audit trail. */
function switched(before: OrganisationRecord["switches"], after: OrganisationRecord["switches"]): string[] {
  const { contactCreators: creatorsBefore, ...plainBefore } = before;
  const { contactCreators: creatorsAfter, ...plainAfter } = after;
  const names = Object.keys(plainAfter) as (keyof typeof plainAfter)[];
  const plain = names.filter((name) => plainBefore[name] !== plainAfter[name]);
  const added = creatorsAfter.filter((role) => !creatorsBefore.includes(role));
  const dropped = creatorsBefore.filter((role) => !creatorsAfter.includes(role));
  return [
    ...plain.map((name) => `${name}:${plainAfter[name] ? "on" : "off"}`),
    ...added.map((role) => `contactCreators:${role}:on`),
    ...dropped.map((role) => `contactCreators:${role}:off`),
  ];
}
