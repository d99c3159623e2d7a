import { type Services, validate } from "@partake/contract";
import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type Store, type Transaction, trusted } from "@partake/store";
import { projectOfBoard } from "../board-project.ts";
import { MOST_ROWS, type ReadRow, readCsv, readRow } from "../domain/enrolment-rows.ts";
import { digestOf, type JudgedRow, judgeRows } from "../enrolment-verdicts.ts";
import { addContact } from "../new-contact.ts";
import { addParticipation } from "../new-participation.ts";
import { contactScopeChanged } from "../outcomes.ts";
import { contacts } from "../store/contacts.ts";
import { type EnrolmentBatchRecord, enrolmentBatches, spendQuota } from "../store/enrolment-batches.ts";
import { type ParticipationRecord, participations } from "../store/participations.ts";
import { pseudonyms } from "../store/pseudonyms.ts";

type Batches = Pick<Implementation<"Contacts">, "previewEnrolments" | "sendEnrolments" | "getEnrolmentBatch">;
type Sent = Services["Contacts"]["sendEnrolments"]["request"];
type Given = Pick<Sent, "rows" | "level" | "peerReview" | "kind">;

const mostErrors = 100;

/** Enrolling many at once: first read and shown with what is wrong by row and column, then recorded, exactly as shown. (R21, C3) */
export function enrolmentBatchesApi(parts: Parts): Batches {
  const { store } = parts;
  return {
    async previewEnrolments({ boardId, csv, ...given }, call: Call) {
      const { organisationId } = call;
      const projectId = await projectOfBoard(parts, boardId, call);
      call.decide(projectId === undefined ? undefined : { organisationId, projectId, boardId });
      const list = csv === undefined ? { rows: placed(given), errors: [] } : readCsv(csv);
      if (list.rows.length > MOST_ROWS) throw failure("too_large", "too_many_rows");
      const at = { projectId: projectId ?? "", boardId };
      const judged = await judgeRows(store, { call, ...at, read: readAll(list.rows, given) });
      const ready = judged.filter(({ errors }) => errors.length === 0);
      const credits = await creditsFor(parts, { call, ...at, rows: ready });
      return {
        items: judged.map(({ line, row, errors, contact }) => {
          return { line, row, errors, ...(contact && { contactId: contact._id }) };
        }),
        errors: list.errors.map(({ column, ...error }) => ({ column: columnOf(column), ...error })),
        ready: ready.length,
        ...{ creditsNeeded: credits.needed, creditsSuffice: credits.suffices },
        digest: digestOf({ boardId, rows: ready, credits }),
      };
    },

    async sendEnrolments({ id, boardId, digest, ...given }, call: Call) {
      const { organisationId } = call;
      const projectId = await projectOfBoard(parts, boardId, call);
      const record = projectId === undefined ? undefined : { organisationId, projectId, boardId };
      call.decide(record);
      const sent = await store.get(enrolmentBatches, id);
      if (sent !== undefined) return shownAgain(store, sent, call);
      const read = readAll(placed(given), given);
      const judged = await judgeRows(store, { call, projectId: record.projectId, read });
      refuseErrors(judged);
      const credits = await creditsFor(parts, { call, projectId: record.projectId, rows: judged });
      if (!credits.suffices) throw failure("unprocessable", "no_credit");
      const made = judged.map(() => {
        return { contactId: parts.newId("con"), pseudonym: parts.newId("psn"), participationId: parts.newId("par") };
      });
      await store.write(call, async (tx) => {
        const rows = await judgeRows(tx, { call, projectId: record.projectId, read });
        if (digestOf({ boardId, rows, credits }) !== digest) throw failure("conflict", "preview_outdated");
        refuseErrors(rows);
        await spendQuota(tx, { organisationId, ownerId: call.actorId, rows: rows.length });
        const batch = { _id: id, ...record, ownerId: call.actorId, requestHash: call.requestHash, createdAt: tx.now };
        await tx.insert(enrolmentBatches, batch);
        for (const [index, row] of rows.entries()) await enrol(tx, { batch, row, index, made: made[index] });
        return id;
      });
      const batch = await store.get(enrolmentBatches, id);
      if (batch === undefined) throw failure("not_found", "not_found");
      return shown(store, batch, call);
    },

    async getEnrolmentBatch({ batchId }, call: Call) {
      const batch = await store.get(enrolmentBatches, batchId);
      if (batch) call.saw(batch);
      call.decide(batch && recordOf(batch));
      return shown(store, batch as EnrolmentBatchRecord, call);
    },
  };
}

function placed({ rows }: Pick<Given, "rows">) {
  return rows.map((row, index) => ({ line: index + 1, row }));
}

type Placed = Parameters<typeof readRow>[0];

function readAll(rows: readonly Placed[], { kind, level, peerReview }: Given): ReadRow[] {
  return rows.map((row) => readRow(row, { defaults: { kind, level, peerReview }, isEmail }));
}

/** What the contract calls an address of a contact. */
function isEmail(email: string): boolean {
  return validate("partake.v1.CreateContactRequest", { kind: "other", name: "-", email }).length === 0;
}

function columnOf(column: keyof ReadRow["row"] | "file") {
  if (column === "contactId") return "contact" as const;
  return column === "peerReview" ? ("peer_review" as const) : column;
}

/** Asked of billing as the enrolments will ask: who comes back within a month that is paid takes no credit. */
async function creditsFor(
  { store, clients }: Parts,
  { call, projectId, rows }: { call: Call; projectId: string; rows: readonly JudgedRow[] },
): Promise<{ needed: number; suffices: boolean }> {
  if (rows.length === 0) return { needed: 0, suffices: true };
  const ids = rows.flatMap(({ contact }) => contact?._id ?? []);
  const known =
    ids.length === 0 ? [] : await store.find(pseudonyms, { _id: trusted({ $in: ids }) }, { limit: ids.length });
  const asked = { organisationId: call.organisationId, projectId, pseudonyms: known.map(({ pseudonym }) => pseudonym) };
  return clients.Billing.readCreditNeed({ ...asked, newcomers: rows.length - known.length }, { on: call });
}

function refuseErrors(rows: readonly JudgedRow[]): void {
  const errors = rows.flatMap(({ errors: found }, index) => {
    return found.map(({ column, ...error }) => ({ pointer: `/rows/${index}/${column}`, ...error }));
  });
  if (errors.length > 0) throw failure("invalid", "rows_refused", { errors: errors.slice(0, mostErrors) });
}

interface Made {
  contactId: string;
  pseudonym: string;
  participationId: string;
}

async function enrol(
  tx: Transaction,
  of: { batch: Omit<EnrolmentBatchRecord, "version">; row: JudgedRow; index: number; made: Made | undefined },
): Promise<void> {
  const { batch, row, index, made } = of;
  if (made === undefined) throw new Error("a row has no ids");
  const { organisationId, projectId, boardId, ownerId, _id: batchId } = batch;
  const { contact, kind, level, peerReview } = row;
  const contactId = contact?._id ?? made.contactId;
  if (contact === undefined) {
    const { name, email } = row.row;
    const owned = { organisationId, projectId, ownerId, pseudonym: made.pseudonym };
    await addContact(tx, { _id: contactId, ...owned, kind, name, email, customValues: [] });
  } else if (!contact.contactProjectIds.includes(projectId)) {
    const contactProjectIds = [...contact.contactProjectIds, projectId];
    tx.emit(contactScopeChanged(await tx.update(contacts, contact, { contactProjectIds })));
  }
  await addParticipation(tx, {
    ...{ _id: made.participationId, organisationId, projectId, boardId, contactId, ownerId, level, peerReview },
    // By the worker at once: so many would outlast the call.
    ...{ nextAttemptAt: tx.now, batch: { batchId, batchIndex: index } },
  });
}

function recordOf({ organisationId, projectId, boardId }: EnrolmentBatchRecord) {
  return { organisationId, projectId, boardId };
}

/** The same request again is answered with what it made; another one may not have its id. */
async function shownAgain(store: Store, batch: EnrolmentBatchRecord, call: Call) {
  const isSame = batch.requestHash === call.requestHash && batch.ownerId === call.actorId;
  if (!isSame) throw failure("conflict", "id_taken");
  return shown(store, batch, call);
}

async function shown(store: Store, batch: EnrolmentBatchRecord, call: Call) {
  const filter = { batchId: batch._id };
  const all = await store.find(participations, filter, { limit: MOST_ROWS, sort: { batchIndex: 1 } });
  // A contact's level may have been lowered since.
  const rows = all.filter((participation) => call.may("participation.read", participation));
  const count = (isIt: (participation: ParticipationRecord) => boolean) => rows.filter(isIt).length;
  const isUnderWay = ({ state }: ParticipationRecord) => state === "enrolling";
  const isRefused = ({ state }: ParticipationRecord) => state === "refused";
  return {
    ...{ id: batch._id, projectId: batch.projectId, boardId: batch.boardId, createdAt: batch.createdAt.toISOString() },
    rows: rows.map(({ _id, contactId, state, refusal, batchIndex = 0 }) => {
      return { place: batchIndex + 1, participationId: _id, contactId, state, ...(refusal && { refusal }) };
    }),
    ...{ underWay: count(isUnderWay), refused: count(isRefused) },
    enrolled: rows.length - count(isUnderWay) - count(isRefused),
  };
}
