import { failure } from "@partake/failure";

const maxDepth = 32;
const plainName = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const [quote, backslash, comma, openBrace, closeBrace, openBracket, closeBracket] = [34, 92, 44, 123, 125, 91, 93];

/** An object or a list that the scan is inside of. */
interface Level {
  /** The names seen so far; absent in a list. */
  names: Set<string> | undefined;
  /** The member that the scan is at. */
  at: string | number;
  awaitsName: boolean;
}

/**
 * Parses JSON as RFC 8259 asks for interoperability and no further: a name that is there twice means something else to every
 * reader, `__proto__` means something else to JavaScript, and depth costs whoever walks the value later.
 */
export function parseStrictJson(text: string): unknown {
  const value = parse(text);
  const open = text.charCodeAt(0);
  if (open === openBrace || open === openBracket || typeof value === "object") scan(text);
  return value;
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // The parser's message repeats a piece of the body, which may be personal.
    throw refusal("malformed_json", { pointer: "", code: "malformed", message: "is not JSON" });
  }
}

/** Looks at the names and the depth of a text that is known to be JSON. */
function scan(text: string): void {
  const levels: Level[] = [];
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    const level = levels.at(-1);
    if (code === quote) {
      const end = endOfString(text, index);
      if (level?.awaitsName) takeName({ level, levels, literal: text.slice(index, end + 1) });
      index = end;
    } else if (code === openBrace || code === openBracket) {
      if (levels.length === maxDepth) {
        throw refusal("json_too_deep", { pointer: "", code: "too_deep", message: `nests deeper than ${maxDepth}` });
      }
      const isObject = code === openBrace;
      levels.push({ names: isObject ? new Set() : undefined, at: isObject ? "" : 0, awaitsName: isObject });
    } else if (code === closeBrace || code === closeBracket) {
      levels.pop();
    } else if (code === comma && level) {
      level.awaitsName = level.names !== undefined;
      if (typeof level.at === "number") level.at += 1;
    }
  }
}

function endOfString(text: string, start: number): number {
  let index = start + 1;
  while (text.charCodeAt(index) !== quote) index += text.charCodeAt(index) === backslash ? 2 : 1;
  return index;
}

function takeName(at: { level: Level; levels: readonly Level[]; literal: string }): void {
  const { level, literal } = at;
  const name: string = literal.includes("\\") ? JSON.parse(literal) : literal.slice(1, -1);
  level.awaitsName = false;
  level.at = name;
  if (name === "__proto__") {
    throw refusal("forbidden_name", {
      pointer: pointerTo(at.levels),
      code: "unknown",
      message: "is a name that is not allowed",
    });
  }
  if (level.names?.has(name)) {
    throw refusal("duplicate_name", { pointer: pointerTo(at.levels), code: "duplicate", message: "is there twice" });
  }
  level.names?.add(name);
}

/** Names that a sender made up may tell something of a person: the pointer then ends before them. */
function pointerTo(levels: readonly Level[]): string {
  const parts = levels.map(({ at }) => String(at));
  const firstOdd = parts.findIndex((part) => !/^\d+$/.test(part) && !plainName.test(part));
  return (firstOdd === -1 ? parts : parts.slice(0, firstOdd)).map((part) => `/${part}`).join("");
}

function refusal(reason: string, error: { pointer: string; code: string; message: string }) {
  return failure("invalid", reason, { errors: [error] });
}
