// The formats of texts, strictly. ajv-formats is laxer than this interface promises: it takes "2026-01-01 10:00Z" and leap
// seconds, which no Date can hold, and knows neither time zones nor languages.
import type { FormatName } from "./model.ts";

/** RFC 3339, section 5.6, with an offset; at most nanoseconds. */
const dateTime = /^(\d{4}-\d\d-\d\d)T([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d{1,9})?(Z|[+-]([01]\d|2[0-3]):[0-5]\d)$/;
const date = /^(\d{4})-(\d\d)-(\d\d)$/;
/** An address as people have them (HTML standard's definition, with a dot in the domain), within the bounds of RFC 5321. */
const email =
  /^[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@(?=.{4,189}$)[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?(?:\.[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?)+$/;
/** Absolute, only characters of RFC 3986, and a scheme that can be followed. */
const uri = /^https?:\/\/[A-Za-z0-9\-._~:/?#[\]@!$&'()*+,;=%]{1,2000}$/;
const zone = /^[A-Za-z][A-Za-z0-9_+-]*(?:\/[A-Za-z0-9_+-]+){0,2}$/;
const language = /^[A-Za-z]{2,3}(?:-[A-Za-z0-9]{2,8}){0,3}$/;
const monthDays = [31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** The longest text of each format, so that no pattern meets a longer one. */
export const formatLengths: Record<FormatName, number> = {
  "date-time": 35,
  date: 10,
  email: 254,
  uri: 2000,
  "time-zone": 60,
  language: 35,
};

export const formatChecks: Record<FormatName, (text: string) => boolean> = {
  "date-time": isDateTime,
  date: isDate,
  email: isEmail,
  uri: isUri,
  "time-zone": isTimeZone,
  language: isLanguage,
};

function isDate(text: string): boolean {
  const parts = date.exec(text);
  if (!parts) return false;
  const [year, month, day] = [Number(parts[1]), Number(parts[2]), Number(parts[3])];
  const isLeap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0);
  const days = month === 2 && isLeap ? 29 : (monthDays[month - 1] ?? 0);
  return year >= 1 && day >= 1 && day <= days;
}

function isDateTime(text: string): boolean {
  const parts = dateTime.exec(text);
  return parts !== null && isDate(parts[1] ?? "");
}

function isEmail(text: string): boolean {
  if (!email.test(text)) return false;
  const local = text.slice(0, text.lastIndexOf("@"));
  return !local.startsWith(".") && !local.endsWith(".") && !local.includes("..");
}

function isUri(text: string): boolean {
  return uri.test(text) && !/%(?![0-9A-Fa-f]{2})/.test(text) && URL.canParse(text);
}

/** Whether the run time knows the zone. Offsets such as +01:00 are no zones: they know no daylight saving. */
function isTimeZone(text: string): boolean {
  if (!zone.test(text)) return false;
  const known = zones.get(text);
  if (known !== undefined) return known;
  const found = knowsZone(text);
  // Bounded: a caller may send any number of names that look like zones.
  if (zones.size < 1000) zones.set(text, found);
  return found;
}

const zones = new Map<string, boolean>();

function knowsZone(text: string): boolean {
  try {
    new Intl.DateTimeFormat("en", { timeZone: text });
    return true;
  } catch {
    return false;
  }
}

function isLanguage(text: string): boolean {
  if (!language.test(text)) return false;
  try {
    return Intl.getCanonicalLocales(text).length === 1;
  } catch {
    return false;
  }
}
