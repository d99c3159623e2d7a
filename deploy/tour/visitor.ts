import { randomBytes } from "node:crypto";
import { type Client, createClient } from "@partake/client";
import { type LoggedIn, logIn } from "@partake/testing";
import type { Narrator } from "./narrator.ts";
import type { TourSettings } from "./settings.ts";

/** What every step is given. */
export interface Tour {
  settings: TourSettings;
  narrator: Narrator;
}

/** A person of the tour, with a client for each place they have a token for. */
export interface Visitor {
  email: string;
  person: LoggedIn;
  /** The client with a token for an organisation's id, for `platform`, or for the person's own `account`. */
  at(place: string): Client;
}

/** Logs a person in by the code that is mailed to them. */
export async function visit({ settings, narrator }: Tour, email: string): Promise<Visitor> {
  const { origin, mailboxUrl } = settings;
  const startedMs = performance.now();
  const person = await logIn({ origin, mailboxUrl, email });
  narrator.say(`${email} logs in with a code from the mailbox (${Math.round(performance.now() - startedMs)} ms)`);
  return {
    email,
    person,
    at: (place) => createClient({ origin, fetch: narrator.fetch, token: (options) => person.token(place, options) }),
  };
}

/** A client-made id: the prefix and a UUIDv7 (RFC 9562), so that the same request can be sent again. */
export function newId(prefix: string): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${prefix}_${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")}`;
}
