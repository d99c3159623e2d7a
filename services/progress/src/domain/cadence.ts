export type Cadence = "once" | "daily" | "weekly" | "monthly";

const DAY_MS = 86_400_000;

/**
 * Whether a card asks for an answer now: once, or in each calendar day, ISO week (from Monday) or month of the organisation's
 * time zone. What counts is the time for which the newest answer was given, so one given late for last week leaves this week open.
 */
export function isDue(card: { cadence: Cadence; newestAt: Date | undefined; now: Date; timeZone: string }): boolean {
  const { cadence, newestAt, now, timeZone } = card;
  if (newestAt === undefined) return true;
  if (cadence === "once") return false;
  return periodOf(cadence, newestAt, timeZone) < periodOf(cadence, now, timeZone);
}

/** The number of the period that a moment lies in; later periods have higher numbers. */
function periodOf(cadence: Exclude<Cadence, "once">, moment: Date, timeZone: string): number {
  const { year, month, day } = localDay(moment, timeZone);
  const days = Date.UTC(year, month - 1, day) / DAY_MS;
  switch (cadence) {
    case "daily":
      return days;
    case "weekly":
      // Day 0 is a Thursday; three days before it begins a week.
      return Math.floor((days + 3) / 7);
    case "monthly":
      return year * 12 + month;
    default:
      return cadence satisfies never;
  }
}

function localDay(moment: Date, timeZone: string): { year: number; month: number; day: number } {
  const parts = new Map(
    calendarOf(timeZone)
      .formatToParts(moment)
      .map(({ type, value }) => [type, Number(value)]),
  );
  return { year: parts.get("year") ?? 0, month: parts.get("month") ?? 1, day: parts.get("day") ?? 1 };
}

const calendars = new Map<string, Intl.DateTimeFormat>();

/** Making one costs more than a hundred uses of it, and there are some hundreds of time zones in all. */
function calendarOf(timeZone: string): Intl.DateTimeFormat {
  const made = calendars.get(timeZone);
  if (made) return made;
  const numbers = { year: "numeric", month: "numeric", day: "numeric" } as const;
  const calendar = new Intl.DateTimeFormat("en-GB", {
    ...numbers,
    timeZone,
    calendar: "gregory",
    numberingSystem: "latn",
  });
  calendars.set(timeZone, calendar);
  return calendar;
}
