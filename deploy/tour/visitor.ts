import { type Visitor, visit as visitPlatform } from "@partake/testing";
import type { Narrator } from "./narrator.ts";
import type { TourSettings } from "./settings.ts";

export { newId, type Visitor } from "@partake/testing";

/** What every step is given. */
export interface Tour {
  settings: TourSettings;
  narrator: Narrator;
}

/** Logs a person of the tour in, and says so. */
export async function visit({ settings, narrator }: Tour, email: string): Promise<Visitor> {
  const startedMs = performance.now();
  const { origin, mailboxUrl } = settings;
  const visitor = await visitPlatform({ origin, mailboxUrl, email, fetch: narrator.fetch });
  narrator.say(`${email} logs in with a code from the mailbox (${Math.round(performance.now() - startedMs)} ms)`);
  return visitor;
}
