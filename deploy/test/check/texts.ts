/** The same line so many times. */
export const lines = (count: number, text: string) => Array.from({ length: count }, () => text).join("\n");
/** So many lines of a function. */
export const body = (count: number, indent = "  ") => lines(count, `${indent}work();`);
/** A package that declares that it needs these. */
export const needing = (...names: string[]) =>
  JSON.stringify({ dependencies: Object.fromEntries(names.map((name) => [name, "1.0.0"])) });
