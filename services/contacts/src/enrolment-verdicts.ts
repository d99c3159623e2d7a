import { createHash } from "node:crypto";
import { contactLevel } from "@partake/authz";
import type { Call } from "@partake/rpc";
import { type Store, type Transaction, trusted } from "@partake/store";
import type { ReadRow, RowError } from "./domain/enrolment-rows.ts";
import { nameWords } from "./domain/name-words.ts";
import { type ContactRecord, contacts } from "./store/contacts.ts";
import { participations } from "./store/participations.ts";

/** Contacts that share the addresses of one list. */
const mostCandidates = 10_000;

/** What reads: a transaction, or the store. */
export type Reader = Pick<Transaction | Store, "find">;

/** A row and whom it means: a contact that is there, or a new one. */
export interface JudgedRow extends ReadRow {
  contact?: ContactRecord;
}

export interface Judging {
  call: Call;
  projectId: string;
  read: readonly ReadRow[];
}

/**
 * Says of each row whom it means and what keeps that person from being enrolled. A contact that the caller does not see is as one
 * that is not there, and an address finds only those whose address the caller may see. (R7, R14)
 */
export async function judgeRows(reader: Reader, of: Judging): Promise<JudgedRow[]> {
  const candidates = await candidatesOf(reader, of);
  const enrolled = await enrolledAmong(reader, of.projectId, candidates);
  const { call, projectId } = of;
  const mayCreate = call.may("contact.create", { organisationId: call.organisationId, projectId });
  const known = new Set<string>();
  return of.read.map((row): JudgedRow => {
    if (row.errors.length > 0) return row;
    const meant = meantBy(row, { call, candidates, mayCreate });
    if ("error" in meant) return { ...row, errors: [meant.error] };
    const { contact } = meant;
    const key = contact?._id ?? `${row.emailKey} ${nameWords(row.row.name).join(" ")}`;
    const error = obstacleOf({ contact, isRepeated: known.has(key), enrolled });
    known.add(key);
    return { ...row, ...(contact && { contact }), errors: error ? [error] : [] };
  });
}

/** Everything that the verdicts on rows that are ready follow from, in one short text: what was shown is what is done. */
export function digestOf(of: {
  boardId: string;
  rows: readonly JudgedRow[];
  credits: { needed: number; suffices: boolean };
}): string {
  const rows = of.rows.map(({ contact, row, emailKey, kind, level, peerReview }) => {
    return [contact?._id ?? [emailKey, row.name, kind], level, peerReview];
  });
  const said = [of.boardId, rows, of.credits.needed, of.credits.suffices];
  return createHash("sha256").update(JSON.stringify(said)).digest("base64url");
}

async function candidatesOf(reader: Reader, { call, read }: Judging): Promise<ContactRecord[]> {
  const { organisationId } = call;
  const sound = read.filter(({ errors }) => errors.length === 0);
  const ids = [...new Set(sound.flatMap(({ row }) => row.contactId || []))];
  const keys = [...new Set(sound.flatMap(({ emailKey }) => emailKey || []))];
  const byId = { organisationId, _id: trusted({ $in: ids }) };
  const byEmail = { organisationId, emailKey: trusted({ $in: keys }) };
  const found = [
    ...(ids.length > 0 ? await reader.find(contacts, byId, { limit: ids.length }) : []),
    ...(keys.length > 0 ? await reader.find(contacts, byEmail, { limit: mostCandidates }) : []),
  ];
  return [...new Map(found.map((contact) => [contact._id, contact])).values()];
}

async function enrolledAmong(
  reader: Reader,
  projectId: string,
  candidates: readonly ContactRecord[],
): Promise<ReadonlySet<string>> {
  if (candidates.length === 0) return new Set();
  const contactId = trusted({ $in: candidates.map(({ _id }) => _id) });
  const open = await reader.find(participations, { contactId, projectId, open: true }, { limit: candidates.length });
  return new Set(open.map((participation) => participation.contactId));
}

type Meant = { contact?: ContactRecord } | { error: RowError };

function meantBy(
  { row, emailKey }: ReadRow,
  of: { call: Call; candidates: readonly ContactRecord[]; mayCreate: boolean },
): Meant {
  const { call, candidates, mayCreate } = of;
  if (row.contactId !== "") {
    const named = candidates.find(({ _id }) => _id === row.contactId);
    if (named && call.may("contact.read", named)) return { contact: named };
    return wrong("contact", "not_found", "is not there");
  }
  const seen = candidates.filter((contact) => contact.emailKey === emailKey && seesAddress(call, contact));
  const same = row.name === "" ? seen : seen.filter(({ name }) => isSameName(name, row.name));
  const [contact, ...others] = same;
  if (others.length > 0) return wrong("email", "ambiguous", "is the address of several contacts: name one by its id");
  if (contact) return { contact };
  if (row.name === "") return wrong("email", "not_found", "is not there");
  if (!mayCreate) return wrong("name", "not_allowed", "would be a new contact, which you may not create here");
  return {};
}

function obstacleOf(of: {
  contact: ContactRecord | undefined;
  isRepeated: boolean;
  enrolled: ReadonlySet<string>;
}): RowError | undefined {
  const { contact, isRepeated, enrolled } = of;
  const column = contact ? "contact" : "email";
  if (isRepeated) return { column, code: "duplicate", message: "is enrolled by an earlier row" };
  if (contact && enrolled.has(contact._id))
    return { column, code: "already_enrolled", message: "takes part in the project already" };
  if (contact && !contact.email) return { column, code: "no_email", message: "has no e-mail address to invite to" };
  return undefined;
}

/** An address shows from the level "profile" on: below it an address finds nobody. */
function seesAddress(call: Call, contact: ContactRecord): boolean {
  const level = contactLevel(call.caller, contact);
  return level === "profile" || level === "updates";
}

function isSameName(one: string, other: string): boolean {
  return nameWords(one).join(" ") === nameWords(other).join(" ");
}

function wrong(column: RowError["column"], code: RowError["code"], message: string): { error: RowError } {
  return { error: { column, code, message } };
}
