// Tells code from what only looks like it: a rule about code must not find a word in a text, nor one about comments a word in code.

export type Part = "code" | "comment" | "text" | "pattern";

interface Piece {
  part: Part;
  start: number;
  end: number;
}

/** A slash after one of these begins a regular expression; after anything else it divides. */
const BEFORE_PATTERN = /(?:^|[(,=:[!&|?{};+\-*%<>~^]|\b(?:return|typeof|case|in|of|await|throw|void))\s*$/;
const PATTERN = /\/(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n*])(?:\\.|\[(?:\\.|[^\]\\\n])*\]|[^/\\[\n])*\/[dgimsuvy]*/y;
const COMMENT = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y;
const QUOTED = /"(?:\\[\s\S]|[^"\\\n])*"|'(?:\\[\s\S]|[^'\\\n])*'/y;
/** From a backtick, or from the end of a `${…}`, to the next of either. */
const TEMPLATE = /(?:\\[\s\S]|\$(?!\{)|[^`\\$])*(?:`|\$\{)/y;

/** The lines of a text with everything but the given parts blanked: what is left keeps its line and column. */
export function only(text: string, ...parts: readonly Part[]): string[] {
  const shown = pieces(text).map(({ part, start, end }) => {
    const piece = text.slice(start, end);
    return parts.includes(part) ? piece : piece.replace(/[^\n]/g, " ");
  });
  return shown.join("").split("\n");
}

function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  /** For each open brace: whether a template goes on after it. */
  const braces: boolean[] = [];
  let at = 0;
  let codeFrom = 0;

  function take(part: Part, pattern: RegExp, from: number): void {
    pattern.lastIndex = from;
    const end = pattern.exec(text) ? pattern.lastIndex : text.length;
    // The quotes stay code, so that code still shows where a text is.
    const [start, stop] = part === "text" ? [at + 1, Math.max(at + 1, end - 1)] : [at, end];
    if (start > codeFrom) found.push({ part: "code", start: codeFrom, end: start });
    found.push({ part, start, end: stop });
    codeFrom = stop;
    at = end;
    if (pattern === TEMPLATE && text.startsWith("${", end - 2)) braces.push(true);
  }

  while (at < text.length) {
    const character = text[at];
    if (text.startsWith("//", at) || text.startsWith("/*", at)) take("comment", COMMENT, at);
    else if (character === '"' || character === "'") take("text", QUOTED, at);
    else if (character === "`") take("text", TEMPLATE, at + 1);
    else if (character === "}" && braces.pop()) take("text", TEMPLATE, at + 1);
    else if (character === "/" && beginsPattern(text, at)) take("pattern", PATTERN, at);
    else {
      if (character === "{") braces.push(false);
      at += 1;
    }
  }
  if (codeFrom < text.length) found.push({ part: "code", start: codeFrom, end: text.length });
  return found;
}

function beginsPattern(text: string, at: number): boolean {
  PATTERN.lastIndex = at;
  return BEFORE_PATTERN.test(text.slice(Math.max(0, at - 40), at)) && PATTERN.test(text);
}
