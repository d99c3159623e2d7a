import { Temporal } from "temporal-polyfill";

/** The calendar day of an instant in a time zone (IANA name). */
export function dayIn(timeZone: string, instant: Date): string {
  return Temporal.Instant.fromEpochMilliseconds(instant.getTime())
    .toZonedDateTimeISO(timeZone)
    .toPlainDate()
    .toString();
}

/**
 * The day on which a month of a participation starts: the same day of the month as the first, or the month's last where there is
 * none. Counted from the first month each time, so that a start on the 31st comes back to the 31st. (B1)
 */
export function monthStart(startedOn: string, month: number): string {
  return Temporal.PlainDate.from(startedOn)
    .add({ months: month - 1 }, { overflow: "constrain" })
    .toString();
}

/** The number of the month in which a day lies, from 1. */
export function monthOf(startedOn: string, day: string): number {
  const { months } = Temporal.PlainDate.from(startedOn).until(Temporal.PlainDate.from(day), { largestUnit: "month" });
  const month = months + 1;
  // Counting from the 31st, a month that is shorter starts on its last day.
  return Temporal.PlainDate.compare(monthStart(startedOn, month + 1), day) <= 0 ? month + 1 : month;
}

/** The last day that a paid month covers. */
export function paidUntil(startedOn: string, month: number): string {
  return Temporal.PlainDate.from(monthStart(startedOn, month + 1))
    .subtract({ days: 1 })
    .toString();
}

/** The moment at which a day begins in a time zone, daylight saving considered. */
export function beginningOf(day: string, timeZone: string): Date {
  return new Date(Temporal.PlainDate.from(day).toZonedDateTime(timeZone).epochMilliseconds);
}
