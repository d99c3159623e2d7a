// Places in an order, as texts that compare like them: between two of them there is nearly always room for another, so that
// putting something somewhere changes that thing alone, whatever others do at the same moment.

const digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const base = digits.length;
/** Milliseconds since 1970 in these digits, until the year 8888. */
const timeDigits = 8;
/** A folder's number stands before the rest, so that the numbers which people give go first. */
const numberDigits = 6;
/** Longer ones begin to cost: then the neighbours move up instead. */
const mostCharacters = 60;

export type Ordered = "folder" | "project";

/** The place of what is new: after all that was there before. */
export function placeOfNew(now: Date): string {
  return write(now.getTime());
}

/** The same among the folders of a number. */
export function placeOfNewFolder(position: number, now: Date): string {
  return `${String(position).padStart(numberDigits, "0")}${write(now.getTime())}`;
}

/** The number of a folder that has this place. */
export function positionOf(order: string): number {
  return Number(order.slice(0, numberDigits).padEnd(numberDigits, "0"));
}

/** A place directly before one, where nothing is before it. */
export function before(order: string, kind: Ordered): string | undefined {
  return step(order, kind, -1) ?? between("", order);
}

/** A place directly after one, where nothing is after it. */
export function after(order: string, kind: Ordered): string | undefined {
  return step(order, kind, 1);
}

/** A place between two; undefined where there is none, as when two have the same. */
export function between(low: string, high: string): string | undefined {
  if (low >= high) return undefined;
  const found = middle(low, high);
  return low < found && found < high && found.length <= mostCharacters ? found : undefined;
}

/** So many places between two, evenly; undefined where there is no room. */
export function spread(low: string, high: string, count: number): string[] | undefined {
  if (count === 0) return [];
  const found = between(low, high);
  if (found === undefined) return undefined;
  const lower = spread(low, found, Math.floor((count - 1) / 2));
  const upper = spread(found, high, count - 1 - Math.floor((count - 1) / 2));
  return lower && upper && [...lower, found, ...upper];
}

/** Halves what is between two, both read as fractions of these digits. */
function middle(low: string, high: string | undefined): string {
  if (high !== undefined) {
    const shared = [...high].findIndex((digit, index) => digit !== (low[index] ?? digits[0]));
    if (shared === -1) return high;
    if (shared > 0) return high.slice(0, shared) + middle(low.slice(shared), high.slice(shared));
  }
  const lower = low === "" ? 0 : digits.indexOf(low.charAt(0));
  const upper = high === undefined ? base : digits.indexOf(high.charAt(0));
  if (upper - lower > 1) return digits.charAt(Math.round((lower + upper) / 2));
  if (high !== undefined && high.length > 1) return high.charAt(0);
  return digits.charAt(lower) + middle(low.slice(1), undefined);
}

/** One up or down in its time, which keeps a place short however often something is put first or last. */
function step(order: string, kind: Ordered, by: 1 | -1): string | undefined {
  const start = kind === "folder" ? numberDigits : 0;
  const time = read(order.slice(start, start + timeDigits)) + by;
  return time < 0 ? undefined : order.slice(0, start) + write(time);
}

function write(value: number): string {
  let left = value;
  let written = "";
  for (let place = 0; place < timeDigits; place += 1) {
    written = digits.charAt(left % base) + written;
    left = Math.floor(left / base);
  }
  return written;
}

function read(written: string): number {
  return [...written.padEnd(timeDigits, "0")].reduce((value, digit) => value * base + digits.indexOf(digit), 0);
}
