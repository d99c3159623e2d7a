import type { Store, Transaction } from "@partake/store";
import { grants, notEnded } from "./grants.ts";
import { memberships } from "./memberships.ts";

/** More participations than a person has in one organisation. */
const mostParticipations = 50;

/** What an account reaches that is a participant's in one organisation and nothing else. */
export interface Reach {
  participationIds: string[];
  /** Of these, where it does more than read what its person wrote. */
  open: string[];
}

/** Undefined for an account that holds another role, or anything in another organisation. */
export async function reachOf(
  from: Pick<Store, "find"> | Transaction,
  of: { userId: string; organisationId: string; now: Date },
): Promise<Reach | undefined> {
  const { userId, organisationId, now } = of;
  const elsewhere = await from.find(memberships, { userId }, { limit: 2 });
  if (elsewhere.some((membership) => membership.organisationId !== organisationId)) return undefined;
  const within = { organisationId, userId, ...notEnded(now) };
  const held = await from.find(grants, within, { limit: mostParticipations + 1 });
  const participants = held.flatMap(({ participant }) => (participant === undefined ? [] : [participant]));
  if (participants.length !== held.length || held.length > mostParticipations) return undefined;
  const open = participants.filter(({ state }) => state === "active" || state === "paused");
  const idOf = ({ participationId }: { participationId: string }) => participationId;
  return { participationIds: participants.map(idOf).sort(), open: open.map(idOf) };
}
