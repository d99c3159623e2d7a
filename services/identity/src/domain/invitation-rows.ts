import { isFormula, withoutFormula } from "@partake/csv";
import { parseEmail } from "./email-address.ts";
import { fitsScope } from "./role-scopes.ts";

/** A row of a list of people to invite, as somebody gave it. */
export interface GivenRow {
  email: string;
  name: string;
  role: string;
  scope: string;
  until: string;
}

export type InvitationColumn = keyof GivenRow;
export type RowColumn = InvitationColumn | "file";
export type RowCode =
  | "missing"
  | "format"
  | "formula"
  | "too_long"
  | "duplicate"
  | "already_invited"
  | "not_allowed"
  | "not_found"
  | "in_past"
  | "unknown_column"
  | "repeated_column"
  | "malformed";

/** What is wrong, and in which column. The message never repeats the value. */
export interface RowError {
  column: RowColumn;
  code: RowCode;
  message: string;
}

/** A row as it was understood. */
export interface ReadRow {
  line: number;
  row: GivenRow;
  errors: RowError[];
  /** The normalised address; empty where there is none. */
  email: string;
  roleExpiresAt?: Date;
}

const roles: ReadonlySet<string> = new Set([
  "admin",
  "creator",
  "member",
  "folder_manager",
  "manager",
  "reporter",
  "observer",
]);
const longestName = 120;
const dayForm = /^\d{4}-\d{2}-\d{2}$/;
const timeForm = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d{1,9})?)?(Z|[+-]\d{2}:\d{2})$/i;

/** Reads the rows one by one and all together: the same invitation twice is one too many. */
export function readRows(given: readonly { line: number; row: GivenRow }[], now: Date): ReadRow[] {
  const known = new Set<string>();
  return given.map(({ line, row }) => {
    const read = readRow(line, row, now);
    const key = `${read.email} ${read.row.role} ${read.row.scope}`;
    if (read.errors.length === 0 && known.has(key))
      read.errors.push({ column: "email", code: "duplicate", message: "is invited to the same in an earlier row" });
    known.add(key);
    return read;
  });
}

function readRow(line: number, given: GivenRow, now: Date): ReadRow {
  const errors: RowError[] = [];
  const wrong = (column: RowColumn, code: RowCode, message: string) => errors.push({ column, code, message });
  const [email, role, scope, until] = [given.email, given.role, given.scope, given.until].map((cell) => cell.trim());
  const row = {
    email: email ?? "",
    name: withoutFormula(given.name),
    role: (role ?? "").toLowerCase().replaceAll(" ", "_"),
    scope: scope ?? "",
    until: until ?? "",
  };
  for (const column of ["email", "role", "scope", "until"] as const)
    if (isFormula(row[column])) wrong(column, "formula", "begins like a formula");
  const address = parseEmail(row.email);
  if (row.email === "") wrong("email", "missing", "is missing");
  else if (address === undefined) wrong("email", "format", "is not an e-mail address");
  if (row.name.length > longestName) wrong("name", "too_long", `is longer than ${longestName} characters`);
  if (row.role === "") wrong("role", "missing", "is missing");
  else if (!roles.has(row.role)) wrong("role", "not_allowed", "is no role that an invitation gives");
  else if (row.scope !== "" && !fitsScope(row.role, row.scope))
    wrong("scope", "not_allowed", "is not of the kind that this role is held on");
  else if (row.scope === "" && !fitsScope(row.role, "org_")) wrong("scope", "missing", "is missing for this role");
  const roleExpiresAt = endOf(row.until);
  if (row.until !== "" && roleExpiresAt === undefined) wrong("until", "format", "is neither a date nor a time");
  else if (roleExpiresAt !== undefined && roleExpiresAt <= now) wrong("until", "in_past", "is not in the future");
  return { line, row, errors, email: address ?? "", ...(roleExpiresAt !== undefined && { roleExpiresAt }) };
}

/** A day counts to its end (UTC). */
function endOf(until: string): Date | undefined {
  if (!dayForm.test(until) && !timeForm.test(until)) return undefined;
  const end = new Date(dayForm.test(until) ? `${until}T23:59:59.999Z` : until);
  return Number.isNaN(end.getTime()) ? undefined : end;
}
