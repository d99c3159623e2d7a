import { type Store, type Transaction, trusted } from "@partake/store";
import { contextAllows } from "../domain/resources.ts";
import { memberships } from "./memberships.ts";

/** Whose account it is, and which organisations a log-in of it opens. */
export interface Whose {
  userId: string;
  /** How the log-in was vouched for: an organisation's own provider speaks for that one alone. */
  acr?: string | undefined;
}

/** Of what concerns an account a line goes to so many trails; who is in more is a mistake or a test. */
const mostTrails = 20;
const PLATFORM = "platform";

/**
 * In whose trails it stands that somebody logged in or tried to: of the organisations in whose team they are, as the account opens
 * those, and of the platform's for its operators. Where somebody takes part as themselves, their log-ins are nobody's business. (R20)
 */
export async function trailsOf(from: Pick<Store, "find"> | Transaction, { userId, acr }: Whose): Promise<string[]> {
  const teams = { userId, $or: [{ isColleague: true }, { organisationId: trusted({ $in: [PLATFORM] }) }] };
  const found = await from.find(memberships, teams, { limit: mostTrails });
  return found.map(({ organisationId }) => organisationId).filter((id) => contextAllows(acr, id));
}
