/** The days of a participation that are paid, counted from its first month. */
export interface PaidDays {
  /** The day of month 1 in the organisation's time zone as it was then. */
  startedOn: string;
  timeZone: string;
  paidMonths: number;
  /** The moment at which they end and the next month is due. */
  dueAt: Date;
}

/**
 * What ended participations of a person in a project leave to their next one there: who comes back within a month that is paid
 * is not charged for it again. (B1)
 */
export function remaining(ended: readonly Partial<PaidDays>[], now: Date): PaidDays | undefined {
  const left = ended.flatMap(({ startedOn, timeZone, paidMonths, dueAt }) =>
    startedOn && timeZone && paidMonths && dueAt && dueAt > now ? [{ startedOn, timeZone, paidMonths, dueAt }] : [],
  );
  return left.sort((one, other) => other.dueAt.getTime() - one.dueAt.getTime())[0];
}
