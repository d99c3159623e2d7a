/**
 * What goes with every write lies in one collection: the record that it happened once (a guard) and the events that wait to be
 * published. So a write adds both in one command. A guard's id begins with the character below, which sorts after every
 * event's; a guard goes when its time is over, an event when it is published.
 */
export const journalName = "journal";

const guardMark = "~";

export function guardId(digest: string): string {
  return `${guardMark}${digest}`;
}

/** Matches the ids of events. */
export const eventIds = { $lt: guardMark };
