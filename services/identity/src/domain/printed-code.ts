const dayMs = 24 * 60 * 60_000;
/** How long a printed code can be used: as long as an invitation. */
export const PRINTED_CODE_LIFE_MS = 14 * dayMs;
/** How often a code is printed for one participation on one day. */
export const MOST_PRINTS_A_DAY = 10;

// Crockford's base 32: what is read aloud or from paper is not mistaken, and no word comes of it by chance.
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const length = 16;
const groupLength = 4;
const bitsEach = 5n;
const longestTyped = 60;

/** A code of 80 random bits: no limit on guessing is needed for it to hold. */
export function printedCode(random: Uint8Array): string {
  let bits = 0n;
  for (const byte of random.subarray(0, 10)) bits = (bits << 8n) | BigInt(byte);
  let code = "";
  for (let place = 0; place < length; place++) {
    code = (alphabet[Number(bits & 31n)] ?? "") + code;
    bits >>= bitsEach;
  }
  return code;
}

/** As it is printed: K7QM-2X9D-4HVB-W3TA. */
export function grouped(code: string): string {
  return code.match(new RegExp(`.{${groupLength}}`, "g"))?.join("-") ?? code;
}

/** What somebody typed, as a code; undefined for what is none. Capitals, spaces, hyphens, and letters that look like digits do not matter. */
export function readPrintedCode(typed: string): string | undefined {
  const code = typed
    .slice(0, longestTyped)
    .toUpperCase()
    .replace(/[\s\p{Dash}]/gu, "")
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
  return code.length === length && [...code].every((letter) => alphabet.includes(letter)) ? code : undefined;
}

/** How often codes were printed on the day of the last one. */
export interface Prints {
  printedAt: Date;
  printsThatDay: number;
}

/** How many it is on this day (UTC) with the one that is asked for; undefined: too many. */
export function nextPrint(last: Prints | undefined, now: Date): number | undefined {
  const dayOf = (at: Date) => at.toISOString().slice(0, 10);
  const before = last !== undefined && dayOf(last.printedAt) === dayOf(now) ? last.printsThatDay : 0;
  return before < MOST_PRINTS_A_DAY ? before + 1 : undefined;
}
