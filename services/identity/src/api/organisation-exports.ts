import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type CollectionDefinition, type Page, type Store, type Stored, trusted } from "@partake/store";
import { auditEntries } from "../store/audit.ts";
import { grants } from "../store/grants.ts";
import { invitations } from "../store/invitations.ts";
import { type MembershipRecord, memberships, onlyTakesPart } from "../store/memberships.ts";
import { type OrganisationExportRecord, organisationExports } from "../store/organisation-exports.ts";
import { organisations } from "../store/organisations.ts";
import { serviceAccounts } from "../store/service-accounts.ts";
import { users } from "../store/users.ts";
import { explainedGrantMessage, invitationMessage, organisationMessage } from "./messages.ts";
import { serviceAccountMessage } from "./service-account-messages.ts";

type Exports = Pick<Implementation<"Identity">, "listOrganisationExports" | "readOrganisationExport">;

const linesAtOnce = 200;
/** Of as many people as a part has: fifty for each. */
const mostTakingPart = 10_000;

/** Reading an organisation's export, by its admins. Parts are read when they are asked for, under the right of that moment. (X7) */
export function organisationExportsApi({ store, clock }: Parts): Exports {
  return {
    async listOrganisationExports({ limit, cursor }, call) {
      const { organisationId } = call;
      const visible = { organisationId };
      const page = await store.list(organisationExports, { visible, limit, cursor, call });
      return { items: page.items.map(exportMessage), nextCursor: page.nextCursor };
    },

    async readOrganisationExport({ exportId, cursor }, call) {
      const { organisationId } = call;
      const opened = await store.get(organisationExports, exportId);
      if (opened === undefined || opened.organisationId !== organisationId) throw failure("not_found", "not_found");
      if (opened.expiresAt <= clock.now()) throw failure("gone", "export_expired");
      if (cursor === "") await recordExport(store, call, exportId);
      const { section, position } = readCursor(cursor);
      const page = await section.read({ store, call, now: clock.now() }, position);
      const lines = page.items.map((item) => JSON.stringify({ kind: section.kind, ...item }));
      const next = sections[sections.indexOf(section) + 1];
      const nextCursor = page.nextCursor !== "" ? `${section.kind}.${page.nextCursor}` : next && `${next.kind}.`;
      return { lines, nextCursor: nextCursor ?? "" };
    },
  };
}

export function exportMessage({ _id: id, organisationId, openedAt, expiresAt }: OrganisationExportRecord) {
  return { id, organisationId, openedAt: openedAt.toISOString(), expiresAt: expiresAt.toISOString() };
}

/** Before it starts: whoever breaks off after the first part has read that part. (R20) */
async function recordExport(store: Store, { actorId, traceparent, organisationId }: Call, exportId: string) {
  await store.write({ actorId, traceparent }, async (tx) => {
    tx.audit({ action: "organisation.exported", organisationId, subjectId: exportId });
    return exportId;
  });
}

interface Reading {
  store: Store;
  call: Call;
  now: Date;
}

interface Section {
  kind: string;
  read(of: Reading, cursor: string): Promise<Page<object>>;
}

/** What identity keeps of an organisation, in the order of the export. Secrets and their hashes are no part of it. */
const sections: readonly Section[] = [
  {
    kind: "organisation",
    async read({ store, call }) {
      const organisation = await store.get(organisations, call.organisationId);
      return { items: organisation === undefined ? [] : [organisationMessage(organisation)], nextCursor: "" };
    },
  },
  {
    kind: "person",
    async read(of, cursor) {
      const page = await pageOf(of, memberships, cursor);
      const ids = await peopleShown(of, page.items);
      const people =
        ids.length === 0 ? [] : await of.store.find(users, { _id: trusted({ $in: ids }) }, { limit: linesAtOnce });
      const items = people.map(({ _id: id, name, email = "", language }) => ({ id, name, email, language }));
      return { items, nextCursor: page.nextCursor };
    },
  },
  section("grant", grants, (record, { call }) =>
    record.role === "participant" && !seesPeople(call, record.scope) ? undefined : explainedGrantMessage(record),
  ),
  section("invitation", invitations, (record, { call, now }) =>
    record.kind === "participant" && !seesPeople(call, record.projectId) ? undefined : invitationMessage(record, now),
  ),
  section("service_account", serviceAccounts, (record) => serviceAccountMessage(record, { held: [], uses: [] })),
  section("audit_entry", auditEntries, ({ _id: id, action, actorId, subjectId, scope, outcome, recordedAt }) => {
    return { id, action, actorId, subjectId, scope, outcome, recordedAt: recordedAt.toISOString() };
  }),
];

/** `shown` says what of a record its reader gets; undefined: nothing. */
function section<T extends Stored>(
  kind: string,
  collection: CollectionDefinition<T>,
  shown: (record: T, of: Reading) => object | undefined,
): Section {
  return {
    kind,
    async read(of, cursor) {
      const page = await pageOf(of, collection, cursor);
      return { items: page.items.flatMap((record) => shown(record, of) ?? []), nextCursor: page.nextCursor };
    },
  };
}

/** Whether the reader sees who takes part in a project: redacted access keeps admins from it here as everywhere. (R12) */
function seesPeople(call: Call, projectId: string | undefined): boolean {
  return projectId !== undefined && call.may("people.read", { organisationId: call.organisationId, projectId });
}

/** Whoever holds a role of another kind is the organisation's; who only takes part belongs to their projects. */
async function peopleShown({ store, call }: Reading, listed: readonly MembershipRecord[]): Promise<string[]> {
  const onlyTakePart = listed.filter(onlyTakesPart);
  const hidden = new Set(onlyTakePart.map(({ userId }) => userId));
  if (hidden.size > 0) {
    const theirs = { organisationId: call.organisationId, userId: trusted({ $in: [...hidden] }), role: "participant" };
    for (const { userId, scope } of await store.find(grants, theirs, { limit: mostTakingPart }))
      if (seesPeople(call, scope)) hidden.delete(userId);
  }
  return listed.map(({ userId }) => userId).filter((userId) => !hidden.has(userId));
}

function pageOf<T extends Stored>({ store, call }: Reading, collection: CollectionDefinition<T>, cursor: string) {
  const { organisationId } = call;
  return store.list(collection, { visible: { organisationId }, limit: linesAtOnce, cursor, call });
}

/** A cursor names its section before its place in it, which only the store can read. */
function readCursor(cursor: string): { section: Section; position: string } {
  const [first] = sections;
  const dot = cursor.indexOf(".");
  const found = cursor === "" ? first : sections.find(({ kind }) => kind === cursor.slice(0, dot));
  if (found === undefined) throw failure("invalid", "cursor_invalid");
  return { section: found, position: cursor.slice(dot + 1) };
}
