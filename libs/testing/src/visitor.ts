import { type Client, createClient } from "@partake/client";
import { type LoggedIn, type LogInOptions, logIn } from "./log-in.ts";

/** A person who is logged in, with a client for each place they have a token for. */
export interface Visitor {
  email: string;
  person: LoggedIn;
  /** The client with a token for an organisation's id, for `platform`, or for the person's own `account`. */
  at(place: string): Client;
}

/** Logs a person in by the code that is mailed to them. */
export async function visit(options: LogInOptions & { fetch?: typeof fetch }): Promise<Visitor> {
  const { origin, email } = options;
  const person = await logIn(options);
  const clients = new Map<string, Client>();
  return {
    email,
    person,
    at(place) {
      const present = clients.get(place);
      if (present) return present;
      const token = (how?: { refresh?: boolean }) => person.token(place, how);
      const made = createClient({ origin, token, ...(options.fetch && { fetch: options.fetch }) });
      clients.set(place, made);
      return made;
    },
  };
}
