/** As many as an event may name. */
const PEOPLE_MAXIMUM = 50;

/** Who wrote in a thread, with one more; of too many the earliest are forgotten. */
export function joined(userIds: readonly string[], userId: string): string[] {
  return [...userIds.filter((each) => each !== userId), userId].slice(-PEOPLE_MAXIMUM);
}
