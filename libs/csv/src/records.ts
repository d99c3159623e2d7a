import { CsvError, parse } from "csv-parse/sync";

/** A record of CSV with the line on which it ends. */
export interface CsvRecord {
  line: number;
  cells: string[];
}

export interface CsvBounds {
  mostRecords: number;
  mostCells: number;
  longestCell: number;
}

/** Thrown for what is not CSV, with the line. It never repeats what stands there. */
export class CsvMistake extends Error {
  override readonly name = "CsvMistake";
  readonly line: number;

  constructor(line: number) {
    super(`line ${line} is not CSV`);
    this.line = line;
  }
}

/**
 * Reads CSV (RFC 4180) as spreadsheets write it: any end of line, with or without a mark of byte order. Empty lines are passed
 * over. Reading stops at `mostRecords`.
 */
export function readCsvRecords(text: string, delimiter: string, bounds: CsvBounds): CsvRecord[] {
  const { mostRecords, mostCells, longestCell } = bounds;
  // One end of line, so that lines are counted as an editor counts them, also within quotes.
  const lines = text.replace(/\r\n?/g, "\n");
  const records = parsed(lines, delimiter, bounds).map(({ record, info }) => ({ line: info.lines, cells: record }));
  const wrong = records.find(
    ({ cells }) => cells.length > mostCells || cells.some((cell) => cell.length > longestCell),
  );
  if (wrong !== undefined) throw new CsvMistake(wrong.line);
  return records.slice(0, mostRecords);
}

interface Parsed {
  record: string[];
  info: { lines: number };
}

function parsed(text: string, delimiter: string, { mostRecords, mostCells, longestCell }: CsvBounds): Parsed[] {
  try {
    return parse(text, {
      ...{ bom: true, info: true, skip_empty_lines: true, relax_column_count: true, record_delimiter: "\n" },
      ...{ delimiter, to: mostRecords, max_record_size: mostCells * longestCell },
    }) as unknown as Parsed[];
  } catch (error) {
    if (error instanceof CsvError) throw new CsvMistake(Number(error["lines"]) || 1);
    throw error;
  }
}
