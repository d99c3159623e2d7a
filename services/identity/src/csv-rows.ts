import { CsvError, type Info, parse } from "csv-parse/sync";
import type { GivenRow, RowError } from "./domain/invitation-rows.ts";

/** Rows of a list of people, with the line on which each ends. */
export interface CsvRows {
  rows: { line: number; row: GivenRow }[];
  errors: RowError[];
}

export const MOST_ROWS = 500;
const longestRecord = 10_000;
const mostColumns = 50;
const empty: GivenRow = { email: "", name: "", role: "", scope: "", until: "" };
const columns: ReadonlyMap<string, keyof GivenRow> = new Map([
  ["email", "email"],
  ["e-mail", "email"],
  ["name", "name"],
  ["role", "role"],
  ["scope", "scope"],
  ["until", "until"],
]);

/** Reads CSV as spreadsheets write it: with or without a mark of byte order, separated by commas, semicolons or tabs. */
export function readCsv(text: string): CsvRows {
  let records: { record: string[]; info: Info }[];
  try {
    records = parse(text, {
      bom: true,
      delimiter: separatorOf(text),
      info: true,
      max_record_size: longestRecord,
      relax_column_count: true,
      skip_empty_lines: true,
      // One more than is taken, and the line of names: so that too many are seen.
      to: MOST_ROWS + 2,
    }) as unknown as { record: string[]; info: Info }[];
  } catch (error) {
    if (!(error instanceof CsvError)) throw error;
    return { rows: [], errors: [fileError("malformed", `is not CSV: see line ${Number(error["lines"] ?? 1)}`)] };
  }
  const [head, ...body] = records;
  const named = readHead(head?.record ?? []);
  if (named.errors.length > 0) return { rows: [], errors: named.errors };
  const rows = body
    .filter(({ record }) => record.some((cell) => cell.trim() !== ""))
    .map(({ record, info }) => ({ line: info.lines, row: rowOf(named.columns, record) }));
  return { rows, errors: [] };
}

/** The one that stands in the line of names. */
function separatorOf(text: string): string {
  const [first = ""] = text.slice(0, longestRecord).split(/[\r\n]/, 1);
  return [";", "\t"].find((separator) => first.includes(separator)) ?? ",";
}

/** Which cell is which column. A name that is none is told by its place: it may be anything, also somebody's name. */
function readHead(cells: readonly string[]): { columns: (keyof GivenRow | undefined)[]; errors: RowError[] } {
  const found = cells.slice(0, mostColumns).map((cell) => columns.get(cell.trim().toLowerCase()));
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
