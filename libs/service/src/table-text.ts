/** A table's part as text, for an export. */
export interface TablePart<C extends string> {
  format: "csv" | "jsonl";
  columns: readonly C[];
  rows: readonly { readonly [N in C]?: string | number | boolean | undefined }[];
  /** Whether it begins the table: CSV then has a line of the columns' names. */
  isFirst: boolean;
}

/** CSV as RFC 4180 has it, with formulas made inert; or a JSON object on each line. Every line ends with a break. */
export function tableText<C extends string>({ format, columns, rows, isFirst }: TablePart<C>): string {
  if (format === "jsonl") {
    return rows
      .map((row) => `${JSON.stringify(Object.fromEntries(columns.map((name) => [name, row[name]])))}\n`)
      .join("");
  }
  const lines = rows.map((row) => columns.map((name) => row[name]));
  return [...(isFirst ? [columns] : []), ...lines].map((cells) => `${cells.map(csvCell).join(",")}\r\n`).join("");
}

/** What a spreadsheet would take for a formula; it may stand behind blanks, or come from another script's width. */
const formula = /^[\s\u00a0\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|^[\t\r\n]/;

/** A number is one; a text that begins as a formula does gets an apostrophe, which a spreadsheet shows as text. */
function csvCell(value: string | number | boolean | undefined): string {
  if (typeof value !== "string") return value === undefined ? "" : String(value);
  const inert = formula.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert;
}
