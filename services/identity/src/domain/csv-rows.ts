import { readTable, type Table } from "@partake/csv";
import type { InvitationColumn } from "./invitation-rows.ts";

export const MOST_ROWS = 500;
const columns: ReadonlyMap<string, InvitationColumn> = new Map([
  ["email", "email"],
  ["e-mail", "email"],
  ["name", "name"],
  ["role", "role"],
  ["scope", "scope"],
  ["until", "until"],
]);

/** Reads a list of colleagues to invite from CSV. */
export function readCsv(text: string): Table<InvitationColumn> {
  return readTable(text, { columns, required: ["email", "role"], mostRows: MOST_ROWS });
}
