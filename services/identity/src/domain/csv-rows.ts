import { CsvMistake, type CsvRecord, readCsvRecords } from "./csv.ts";
import type { GivenRow, RowError } from "./invitation-rows.ts";

/** Rows of a list of people, with the line on which each ends. */
export interface CsvRows {
  rows: { line: number; row: GivenRow }[];
  errors: RowError[];
}

export const MOST_ROWS = 500;
const longestCell = 2_000;
const mostCells = 50;
const empty: GivenRow = { email: "", name: "", role: "", scope: "", until: "" };
const columns: ReadonlyMap<string, keyof GivenRow> = new Map([
  ["email", "email"],
  ["e-mail", "email"],
  ["name", "name"],
  ["role", "role"],
  ["scope", "scope"],
  ["until", "until"],
]);

/** Reads a list of people from CSV, separated by commas, semicolons or tabs. */
export function readCsv(text: string): CsvRows {
  let records: CsvRecord[];
  try {
    // One more than is taken, and the line of names: so that too many are seen.
    records = readCsvRecords(text, separatorOf(text), { mostRecords: MOST_ROWS + 2, mostCells, longestCell });
  } catch (error) {
    if (!(error instanceof CsvMistake)) throw error;
    return { rows: [], errors: [fileError("malformed", `is not CSV: see line ${error.line}`)] };
  }
  const [head, ...body] = records;
  const named = readHead(head?.cells ?? []);
  if (named.errors.length > 0) return { rows: [], errors: named.errors };
  const rows = body
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ""))
    .map(({ line, cells }) => ({ line, row: rowOf(named.columns, cells) }));
  return { rows, errors: [] };
}

/** The one that stands in the line of names. */
function separatorOf(text: string): string {
  const [first = ""] = text.slice(0, longestCell).split(/[\r\n]/, 1);
  return [";", "\t"].find((separator) => first.includes(separator)) ?? ",";
}

/** Which cell is which column. A name that is none is told by its place: it may be anything, also somebody's name. */
function readHead(cells: readonly string[]): { columns: (keyof GivenRow | undefined)[]; errors: RowError[] } {
  const found = cells.map((cell) => columns.get(cell.trim().toLowerCase()));
  const errors = found.flatMap((column, index): RowError[] => {
    const place = index + 1;
    if (column === undefined) return [fileError("unknown_column", `has a column ${place} that is not known`)];
    if (found.indexOf(column) < index) return [fileError("repeated_column", `has column ${place} twice`)];
    return [];
  });
  const missing = (["email", "role"] as const).filter((column) => !found.includes(column));
  const lacks = missing.map(
    (column): RowError => ({ column, code: "missing", message: "is a column that is missing" }),
  );
  return { columns: found, errors: [...errors, ...lacks] };
}

function rowOf(named: readonly (keyof GivenRow | undefined)[], cells: readonly string[]): GivenRow {
  const row = { ...empty };
  for (const [index, column] of named.entries()) if (column !== undefined) row[column] = cells[index] ?? "";
  return row;
}

function fileError(code: RowError["code"], message: string): RowError {
  return { column: "file", code, message };
}
