import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { trusted } from "@partake/store";
import { MOST_ROWS, readCsv } from "../domain/csv-rows.ts";
import { type GivenRow, type ReadRow, type RowError, readRows } from "../domain/invitation-rows.ts";
import type { InvitationMail } from "../invitation-mail.ts";
import { spendQuota } from "../store/invitation-quotas.ts";
import { invitations } from "../store/invitations.ts";
import { powersOver, type Reader } from "../store/powers.ts";
import { insertInvitation, newInvitation } from "./invitations.ts";
import { invitationMessage } from "./messages.ts";
import { type NamedRecord, recordsOfScopes, sees } from "./prepared-changes.ts";

type Batches = Pick<Implementation<"Identity">, "previewInvitations" | "sendInvitations">;

const mostPending = 10_000;
const mostErrors = 100;

/** Inviting many at once: first read and shown with what is wrong by row and column, then sent, all or none. (R21) */
export function invitationBatchesApi(parts: Parts, mail: InvitationMail): Batches {
  const { store, clock, newId } = parts;
  return {
    async previewInvitations({ csv, rows }, call: Call) {
      const given = csv === undefined ? { rows: rows.map(placed), errors: [] } : readCsv(csv);
      if (given.rows.length > MOST_ROWS) throw failure("too_large", "too_many_rows");
      const reader: Reader = { find: store.find, get: store.get, now: clock.now() };
      const read = readRows(given.rows, reader.now);
      await judgeRows(reader, { call, read, records: await recordsOfRows(parts, call, read) });
      const items = read.map(({ line, row, errors }) => ({ line, row, errors }));
      return { items, errors: given.errors, ready: items.filter(({ errors }) => errors.length === 0).length };
    },

    async sendInvitations({ id, rows, reason }, call: Call) {
      const batchId = id || newId("ivb");
      const { organisationId, actorId: senderId } = call;
      const records = await recordsOfRows(parts, call, readRows(rows.map(placed), clock.now()));
      const ids = rows.map(() => newId("inv"));
      const written = await store.write(call, async (tx) => {
        const read = readRows(rows.map(placed), tx.now);
        await judgeRows(tx, { call, read, records });
        refuseErrors(read);
        await spendQuota(tx, { organisationId, senderId, emails: read.map(({ email }) => email) });
        for (const [batchIndex, { row, email, roleExpiresAt }] of read.entries()) {
          const invited = {
            id: ids[batchIndex] ?? "",
            kind: "colleague" as const,
            organisationId,
            email,
            role: row.role,
            senderId,
          };
          await insertInvitation(tx, {
            ...newInvitation({ newId, clock: { now: () => tx.now } }, mail, { ...invited, scope: row.scope }),
            ...{ batchId, batchIndex, nextMailAt: tx.now },
            ...(row.name !== "" && { name: row.name }),
            ...(roleExpiresAt !== undefined && { roleExpiresAt }),
            ...(reason !== undefined && { reason }),
          });
        }
        return batchId;
      });
      // Mailed by the one who mails what is due: so many would outlast the call.
      const sent = await store.find(
        invitations,
        { batchId: written.id, organisationId },
        { limit: MOST_ROWS, sort: { batchIndex: 1 } },
      );
      return { items: sent.map((invitation) => invitationMessage(invitation, clock.now())) };
    },
  };
}

function placed(row: GivenRow, index: number): { line: number; row: GivenRow } {
  return { line: index + 1, row };
}

async function recordsOfRows(parts: Parts, call: Call, read: readonly ReadRow[]) {
  // Each row is decided by itself; this says of the whole whether newer grants would decide otherwise.
  call.visible("role.give");
  const scopes = read.filter(({ errors }) => errors.length === 0).map(({ row }) => row.scope || call.organisationId);
  return recordsOfScopes(parts, call, scopes);
}

/** Adds what only the organisation's state tells: what the caller may give, and what is sent already. Nothing is asked of accounts. */
async function judgeRows(
  reader: Reader,
  of: { call: Call; read: readonly ReadRow[]; records: ReadonlyMap<string, NamedRecord> },
): Promise<void> {
  const { call, read, records } = of;
  const { organisationId, actorId: userId } = call;
  const sound = read.filter(({ errors }) => errors.length === 0);
  if (sound.length === 0) return;
  const places = new Map([...records.values()].flatMap((named) => [...named.places]));
  const all = [...records.values()].map(({ record }) => record);
  const over = await powersOver(reader, { userId, records: all, places });
  const emails = trusted({ $in: [...new Set(sound.map(({ email }) => email))] });
  const waiting = { organisationId, email: emails, state: "pending", expiresAt: trusted({ $gt: reader.now }) };
  const sent = await reader.find(invitations, waiting, { limit: mostPending });
  const pending = new Set(sent.map(({ email, role, scope }) => `${email} ${role} ${scope ?? ""}`));
  for (const { row, email, errors, roleExpiresAt } of sound) {
    const named = records.get(row.scope || organisationId);
    const powers = named && over({ permission: "role.give", record: named.record }, roleExpiresAt);
    if (named === undefined || (powers?.now !== true && !sees(call, named.record)))
      errors.push({ column: "scope", code: "not_found", message: "is not there" });
    else if (powers?.lasting !== true)
      errors.push({ column: "role", code: "not_allowed", message: "is more than you may give there, or for longer" });
    else if (pending.has(`${email} ${row.role} ${row.scope}`))
      errors.push({ column: "email", code: "already_invited", message: "has such an invitation already" });
  }
}

function refuseErrors(read: readonly ReadRow[]): void {
  const errors = read.flatMap(({ errors: found }, index) => found.map((error) => pointed(error, index)));
  if (errors.length > 0) throw failure("invalid", "rows_refused", { errors: errors.slice(0, mostErrors) });
}

function pointed({ column, code, message }: RowError, index: number) {
  return { pointer: `/rows/${index}/${column}`, code, message };
}
