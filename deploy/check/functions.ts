// Finds functions by the formatter's layout (the same check runs the formatter): a block ends at the first line that closes it at
// the indentation of the line that opens it.

export interface FoundFunction {
  /** Index of the first line of its header. */
  start: number;
  /** Lines without those of the functions inside of it that stand for themselves. */
  lines: number;
}

interface Block {
  start: number;
  end: number;
  /** Declared, named or returned; the opposite is a callback, which is part of whoever calls with it. */
  standsAlone: boolean;
}

const NOT_FUNCTIONS =
  /^(?:if|else|for|while|do|switch|try|catch|finally|with|class|interface|namespace|declare module)\b/;
const METHOD = /^(?:(?:public|private|protected|static|async|get|set|override) )*\*?[#\w$"'[\].]+(?:<.*>)?\(/;

/** The functions in lines of code, of which comments and texts are blanked. */
export function functionsIn(code: readonly string[]): FoundFunction[] {
  const blocks = code.flatMap((line, index) => (/\{\s*$/.test(line) ? (blockAt(code, index) ?? []) : []));
  return blocks.map((block) => ({ start: block.start, lines: ownLines(block, blocks) }));
}

function blockAt(code: readonly string[], opening: number): Block | undefined {
  const indent = indentOf(code[opening]);
  const start = headerStart(code, opening, indent);
  const header = code
    .slice(start, opening + 1)
    .map((line) => line.trim())
    .join(" ");
  const standsAlone = isBalanced(header);
  const isFunction = /=>\s*\{$/.test(header) || isExpression(header) || (standsAlone && METHOD.test(header));
  if (NOT_FUNCTIONS.test(header) || !isFunction) return undefined;
  const end = code.findIndex((line, index) => index > opening && /^\s*}/.test(line) && indentOf(line) === indent);
  // A line that ends one block and opens another ends the type of what the function gives.
  return end < 0 || /\{\s*$/.test(code[end] ?? "") ? undefined : { start, end, standsAlone };
}

/** A header of several lines ends with one that closes what its first line opened. */
function headerStart(code: readonly string[], opening: number, indent: number): number {
  let start = opening;
  while (
    start > 0 &&
    (/^\s*[)\]}>]/.test(code[start] ?? "") || code[start]?.trim() === "" || indentOf(code[start]) > indent)
  ) {
    start -= 1;
  }
  return start;
}

function ownLines({ start, end }: Block, blocks: readonly Block[]): number {
  let lines = end - start + 1;
  let counted = start;
  for (const inner of blocks) {
    if (inner.start <= start || inner.end >= end || inner.start <= counted || !inner.standsAlone) continue;
    lines -= inner.end - inner.start + 1;
    counted = inner.end;
  }
  return lines;
}

function indentOf(line = ""): number {
  return line.length - line.trimStart().length;
}

/** `function` with its parameters in full; the type of a parameter is a block, too. */
function isExpression(header: string): boolean {
  const keyword = header.search(/\bfunction\b(?!.*\bfunction\b)/);
  return keyword >= 0 && isBalanced(header.slice(keyword));
}

function isBalanced(header: string): boolean {
  return header.split("(").length === header.split(")").length;
}
