import type { AuditAction, Services } from "@partake/contract";
import type { Call, Implementation } from "@partake/rpc";
import { type Parts, tableText } from "@partake/service";
import { type CollectionDefinition, type Filter, type Store, type Stored, trusted } from "@partake/store";
import { verifyChain } from "../audit-verification.ts";
import { checkSeen } from "../record-facts.ts";
import { type AuditRecord, auditEntries } from "../store/audit.ts";
import { grants } from "../store/grants.ts";
import { membershipId, memberships, onlyTakesPart } from "../store/memberships.ts";
import { withheldRights } from "../store/withheld-rights.ts";

type Audit = Pick<Implementation<"Identity">, "listAuditEntries" | "exportAuditEntries" | "verifyAudit">;
type Entry = Services["Identity"]["listAuditEntries"]["response"]["items"][number];

/** What a list of entries may be narrowed by. */
export type AuditFilters = Partial<
  Pick<
    Services["Identity"]["listAuditEntries"]["request"],
    "action" | "actorId" | "subjectId" | "scope" | "outcome" | "from" | "to"
  >
>;

const exportedAtOnce = 200;
const columns = [
  ...(["recordedAt", "action", "outcome", "actorId", "subjectId", "scope", "role"] as const),
  ...(["reason", "operation", "cause", "times", "recordId", "seal", "id"] as const),
];

const newestFirst = { field: "recordedAt", direction: -1 } as const;

/** The audit trail, for admins: to read, and to prove. (R20) */
export function auditApi(parts: Pick<Parts, "store" | "clients">): Audit {
  const { store } = parts;
  return {
    async listAuditEntries(request, call: Call) {
      const { limit, cursor } = request;
      await checkNamed(parts, call, request);
      const { items, nextCursor } = await auditPage(store, { call, filters: request, limit, cursor });
      return { items: await shown(store, items), nextCursor };
    },

    async exportAuditEntries(request, call: Call) {
      const { format, cursor } = request;
      await checkNamed(parts, call, request);
      const { items, nextCursor } = await auditPage(store, { call, filters: request, limit: exportedAtOnce, cursor });
      const rows = await shown(store, items);
      return { text: tableText({ format, columns, rows, isFirst: cursor === "" }), nextCursor };
    },

    async verifyAudit({ afterSeal, knownSeal, knownHash }, { organisationId }) {
      const known = knownHash === "" ? undefined : { number: knownSeal, hash: knownHash };
      return await verifyChain(store, { organisationId, afterSeal, known });
    },
  };
}

const idForm = /^[a-z]{3}_/;

/**
 * What a filter names stands in the trail, also when it is gone by now; or else it is a person of the organisation or something that
 * the reader may know of. Whatever is neither is not there. A word that is no id names nothing that could be hidden.
 */
async function checkNamed(
  { store, clients }: Pick<Parts, "store" | "clients">,
  call: Call,
  { actorId, subjectId, scope }: AuditFilters,
): Promise<void> {
  const { organisationId } = call;
  const isIn = async ([field, id = ""]: [string, string | undefined]) => {
    return (await store.find(auditEntries, { organisationId, [field]: id }, { limit: 1 })).length > 0;
  };
  const named = Object.entries({ actorId, subjectId, scope }).filter(([, id]) => idForm.test(id ?? ""));
  const told = await Promise.all(named.map(isIn));
  const untold = named.flatMap(([, id = ""], place) => (told[place] ? [] : [id]));
  const members = untold.filter((id) => id.startsWith("usr_")).map((id) => membershipId(organisationId, id));
  const known = await Promise.all(members.map((id) => store.get(memberships, id)));
  if (known.some((membership) => membership === undefined || onlyTakesPart(membership))) call.decide(undefined);
  const others = untold.filter((id) => !id.startsWith("usr_"));
  if (others.length > 0) await checkSeen(clients, call, others);
}

/** A page of one organisation's entries, the newest first. */
export function auditPage(
  store: Store,
  of: { call: Call; filters: AuditFilters; limit: number; cursor: string; about?: string },
) {
  const { call, filters, limit, cursor } = of;
  const { organisationId } = call;
  const filter = filterOf(filters);
  return store.list(auditEntries, { visible: { organisationId }, filter, sort: newestFirst, limit, cursor, call });
}

/** Entries as their readers see them, with the reasons that were given for what was done to roles and rights. */
export async function shown(store: Store, entries: readonly AuditRecord[]): Promise<Entry[]> {
  const reasons = await reasonsOf(store, entries);
  return entries.map((entry) => {
    const { role, recordId, operation, cause, times, seal } = entry;
    const reason = reasons.get(`${entry.action} ${recordId}`);
    return {
      id: entry._id,
      action: entry.action as AuditAction,
      actorId: entry.actorId,
      subjectId: entry.subjectId ?? "",
      scope: entry.scope ?? "",
      outcome: entry.outcome,
      recordedAt: entry.recordedAt.toISOString(),
      ...(role !== undefined && { role }),
      ...(recordId !== undefined && { recordId }),
      ...(operation !== undefined && { operation }),
      ...(cause !== undefined && { cause }),
      ...(times !== undefined && { times }),
      ...(reason !== undefined && { reason }),
      ...(seal !== undefined && { seal }),
    };
  });
}

/** By what was done to which record: a role is given and taken once, a right withheld and given back once. */
async function reasonsOf(
  store: Store,
  entries: readonly AuditRecord[],
): Promise<ReadonlyMap<string, string | undefined>> {
  const idsOf = (prefix: string) => entries.flatMap(({ recordId }) => (recordId?.startsWith(prefix) ? [recordId] : []));
  const [given, withheld] = await Promise.all([
    recordsWith(store, grants, idsOf("grn_")),
    recordsWith(store, withheldRights, idsOf("whr_")),
  ]);
  return new Map([
    ...given.flatMap(({ _id, reason, takenReason }): [string, string | undefined][] => [
      [`role.given ${_id}`, reason],
      [`role.taken ${_id}`, takenReason],
    ]),
    ...withheld.flatMap(({ _id, reason, restoredReason }): [string, string | undefined][] => [
      [`folder_right.withheld ${_id}`, reason],
      [`folder_right.restored ${_id}`, restoredReason],
    ]),
  ]);
}

async function recordsWith<T extends Stored>(
  store: Store,
  collection: CollectionDefinition<T>,
  ids: readonly string[],
): Promise<T[]> {
  return ids.length === 0 ? [] : await store.find(collection, { _id: trusted({ $in: ids }) }, { limit: ids.length });
}

function filterOf({ from = "", to = "", ...filters }: AuditFilters): Filter {
  const { action, actorId, subjectId, scope, outcome } = filters;
  const given = Object.entries({ action, actorId, subjectId, scope, outcome }).filter(([, value]) => value);
  const range = { ...(from !== "" && { $gte: new Date(from) }), ...(to !== "" && { $lt: new Date(to) }) };
  return { ...Object.fromEntries(given), ...(Object.keys(range).length > 0 && { recordedAt: trusted(range) }) };
}
