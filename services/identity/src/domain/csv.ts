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

/** Thrown for what is not CSV, with the line. */
export class CsvMistake extends Error {
  override readonly name = "CsvMistake";
  readonly line: number;

  constructor(line: number) {
    super(`line ${line} is not CSV`);
    this.line = line;
  }
}

/**
 * Reads CSV (RFC 4180) in one pass, as spreadsheets write it: any end of line, with or without a mark of byte order, a cell in
 * quotes may hold separators, ends of lines and doubled quotes. Empty lines are passed over. Reading stops at `mostRecords`.
 */
export function readCsvRecords(text: string, separator: string, bounds: CsvBounds): CsvRecord[] {
  const records: CsvRecord[] = [];
  const end = text.length;
  let at = text.startsWith("\u{FEFF}") ? 1 : 0;
  let line = 1;
  let cells: string[] = [];

  /** The cell that begins here; stands at its separator or end of line afterwards. */
  function readCell(): string {
    const startedAt = at;
    if (text[at] !== '"') {
      while (at < end && text[at] !== separator && text[at] !== "\n" && text[at] !== "\r") at += 1;
      const cell = text.slice(startedAt, at);
      if (cell.includes('"')) throw new CsvMistake(line);
      return cell;
    }
    let cell = "";
    for (at += 1; ; at += 1) {
      if (at >= end || cell.length > bounds.longestCell) throw new CsvMistake(line);
      if (text[at] === '"') {
        if (text[at + 1] !== '"') break;
        at += 1;
      } else if (text[at] === "\n") line += 1;
      cell += text[at];
    }
    at += 1;
    const isOver = at >= end || text[at] === separator || text[at] === "\n" || text[at] === "\r";
    if (!isOver) throw new CsvMistake(line);
    return cell;
  }

  while (at < end && records.length < bounds.mostRecords) {
    const cell = readCell();
    if (cell.length > bounds.longestCell || cells.length >= bounds.mostCells) throw new CsvMistake(line);
    cells.push(cell);
    if (text[at] === separator) {
      at += 1;
      // A separator at the very end is followed by one more cell, an empty one.
      if (at < end) continue;
      cells.push("");
    }
    if (cells.length > 1 || cells[0] !== "") records.push({ line, cells });
    cells = [];
    if (text[at] === "\r" && text[at + 1] === "\n") at += 1;
    at += 1;
    line += 1;
  }
  return records;
}
