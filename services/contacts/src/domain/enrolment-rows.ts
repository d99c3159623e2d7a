import { isFormula, readTable, type Table, withoutFormula } from "@partake/csv";
import { emailKey } from "./email-key.ts";
import type { Enrolment } from "./enrolment.ts";

/** A row of a list of people to enrol, as somebody gave it. */
export interface GivenRow {
  contactId: string;
  email: string;
  name: string;
  kind: string;
  level: string;
  peerReview: string;
}

export type RowColumn = "contact" | "email" | "name" | "kind" | "level" | "peer_review" | "file";
export type RowCode =
  | "missing"
  | "format"
  | "formula"
  | "too_long"
  | "duplicate"
  | "already_enrolled"
  | "not_allowed"
  | "not_found"
  | "ambiguous"
  | "no_email"
  | "unknown_column"
  | "repeated_column"
  | "malformed";

/** What is wrong, and in which column. The message never repeats the value. */
export interface RowError {
  column: RowColumn;
  code: RowCode;
  message: string;
}

export const CONTACT_KINDS = ["client", "service_user", "referral_partner", "funder", "volunteer", "other"] as const;
const LEVELS = ["see", "share", "discuss"] as const;
const PEER_REVIEW: ReadonlyMap<string, boolean> = new Map([
  ["yes", true],
  ["no", false],
]);

/** What counts where a row says nothing. */
export interface RowDefaults {
  kind: (typeof CONTACT_KINDS)[number];
  level: Enrolment["level"];
  peerReview: boolean;
}

/** A row as it was understood. */
export interface ReadRow {
  line: number;
  row: GivenRow;
  errors: RowError[];
  /** What its address is found by; empty where there is none. */
  emailKey: string;
  kind: RowDefaults["kind"];
  level: RowDefaults["level"];
  peerReview: boolean;
}

export const MOST_ROWS = 500;
const longestName = 120;
const contactForm = /^con_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const columns: ReadonlyMap<string, keyof GivenRow> = new Map([
  ["contact", "contactId"],
  ["contact_id", "contactId"],
  ["email", "email"],
  ["e-mail", "email"],
  ["name", "name"],
  ["kind", "kind"],
  ["level", "level"],
  ["peer_review", "peerReview"],
  ["peer review", "peerReview"],
]);

/** Reads a list of people to enrol from CSV. */
export function readCsv(text: string): Table<keyof GivenRow> {
  return readTable(text, { columns, required: [], mostRows: MOST_ROWS });
}

/** Reads a row by itself; whom it means is another question. `isEmail` is the contract's. */
export function readRow(
  { line, row: given }: { line: number; row: GivenRow },
  { defaults, isEmail }: { defaults: RowDefaults; isEmail(text: string): boolean },
): ReadRow {
  const row = plain(given);
  const errors: RowError[] = [];
  const wrong = (column: RowColumn, code: RowCode, message: string) => errors.push({ column, code, message });
  for (const [column, cell] of cellsOf(row)) if (isFormula(cell)) wrong(column, "formula", "begins like a formula");
  if (row.contactId === "") {
    if (row.email === "") wrong("email", "missing", "is missing where no contact is named");
    else if (!isEmail(row.email)) wrong("email", "format", "is not an e-mail address");
  } else {
    if (!contactForm.test(row.contactId)) wrong("contact", "format", "is not a contact's id");
    if (row.email !== "") wrong("email", "not_allowed", "is given although a contact is named");
    if (row.name !== "") wrong("name", "not_allowed", "is given although a contact is named");
  }
  if (row.name.length > longestName) wrong("name", "too_long", `is longer than ${longestName} characters`);
  const kind = CONTACT_KINDS.find((each) => each === (row.kind || defaults.kind));
  if (kind === undefined) wrong("kind", "not_allowed", `is none of ${CONTACT_KINDS.join(", ")}`);
  const level = LEVELS.find((each) => each === (row.level || defaults.level));
  if (level === undefined) wrong("level", "not_allowed", `is none of ${LEVELS.join(", ")}`);
  const peerReview = row.peerReview === "" ? defaults.peerReview : PEER_REVIEW.get(row.peerReview);
  if (peerReview === undefined) wrong("peer_review", "not_allowed", "is neither yes nor no");
  const understood = { kind: kind ?? defaults.kind, level: level ?? defaults.level, peerReview: peerReview === true };
  return { line, row, errors, emailKey: emailKey(row.email), ...understood };
}

function plain(given: GivenRow): GivenRow {
  const word = (cell: string) => cell.trim().toLowerCase().replaceAll(" ", "_");
  return {
    ...{ contactId: given.contactId.trim(), email: given.email.trim(), name: withoutFormula(given.name) },
    ...{ kind: word(given.kind), level: word(given.level), peerReview: word(given.peerReview) },
  };
}

function cellsOf({ contactId, email, kind, level, peerReview }: GivenRow): [RowColumn, string][] {
  return [
    ["contact", contactId],
    ["email", email],
    ["kind", kind],
    ["level", level],
    ["peer_review", peerReview],
  ];
}
