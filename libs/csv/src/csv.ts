import { CsvMistake, type CsvRecord, readCsvRecords } from "./records.ts";

/** What a table that people upload may hold. */
export interface TableShape<C extends string> {
  /** The columns by the names that a first line may give them, in lower case. */
  columns: ReadonlyMap<string, C>;
  required: readonly C[];
  mostRows: number;
}

/** Rows of a table, with the line on which each ends; or what is wrong with the table itself. */
export interface Table<C extends string> {
  rows: { line: number; row: Record<C, string> }[];
  errors: TableError<C>[];
}

/** The message never repeats what stands in the table. */
export interface TableError<C extends string> {
  column: C | "file";
  code: "malformed" | "unknown_column" | "repeated_column" | "missing";
  message: string;
}

const longestCell = 2_000;
const mostCells = 50;
/** What a spreadsheet would calculate. */
const formula = /^[=+\-@\t\r]/;
const leadingFormula = /^[=+\-@\s]+/;

/** Reads a table from CSV whose first line names the columns, separated by commas, semicolons or tabs. */
export function readTable<C extends string>(text: string, shape: TableShape<C>): Table<C> {
  let records: CsvRecord[];
  try {
    // One more than is taken, and the line of names: so that too many are seen.
    const mostRecords = shape.mostRows + 2;
    records = readCsvRecords(text, separatorOf(text), { mostRecords, mostCells, longestCell });
  } catch (error) {
    if (!(error instanceof CsvMistake)) throw error;
    return { rows: [], errors: [fileError("malformed", `is not CSV: see line ${error.line}`)] };
  }
  const [head, ...body] = records;
  const named = readHead(head?.cells ?? [], shape);
  if (named.errors.length > 0) return { rows: [], errors: named.errors };
  const known = [...new Set(shape.columns.values())];
  const rows = body
    .filter(({ cells }) => cells.some((cell) => cell.trim() !== ""))
    .map(({ line, cells }) => ({ line, row: rowOf(known, named.columns, cells) }));
  return { rows, errors: [] };
}

/** Whether a spreadsheet would take a cell for a formula. No address, id or word of ours begins so. */
export function isFormula(cell: string): boolean {
  return formula.test(cell);
}

/** A name without what would make a formula of it. */
export function withoutFormula(cell: string): string {
  return cell.replace(leadingFormula, "").trim();
}

/** The one that stands in the line of names. */
function separatorOf(text: string): string {
  const [first = ""] = text.slice(0, longestCell).split(/[\r\n]/, 1);
  return [";", "\t"].find((separator) => first.includes(separator)) ?? ",";
}

/** Which cell is which column. A name that is none is told by its place: it may be anything, also somebody's name. */
function readHead<C extends string>(
  cells: readonly string[],
  { columns, required }: TableShape<C>,
): { columns: (C | undefined)[]; errors: TableError<C>[] } {
  const found = cells.map((cell) => columns.get(cell.trim().toLowerCase()));
  const errors = found.flatMap((column, index): TableError<C>[] => {
    const place = index + 1;
    if (column === undefined) return [fileError("unknown_column", `has a column ${place} that is not known`)];
    if (found.indexOf(column) < index) return [fileError("repeated_column", `has column ${place} twice`)];
    return [];
  });
  const missing = required.filter((column) => !found.includes(column));
  const lacks = missing.map(
    (column): TableError<C> => ({ column, code: "missing", message: "is a column that is missing" }),
  );
  return { columns: found, errors: [...errors, ...lacks] };
}

function rowOf<C extends string>(
  known: readonly C[],
  named: readonly (C | undefined)[],
  cells: readonly string[],
): Record<C, string> {
  const row = Object.fromEntries(known.map((column) => [column, ""])) as Record<C, string>;
  for (const [index, column] of named.entries()) if (column !== undefined) row[column] = cells[index] ?? "";
  return row;
}

function fileError(code: "malformed" | "unknown_column" | "repeated_column", message: string) {
  return { column: "file" as const, code, message };
}
