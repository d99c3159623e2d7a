import type { Transaction } from "@partake/store";
import { addGrant } from "./grant-changes.ts";
import { grants } from "./grants.ts";
import { isAnyRemoved } from "./removed-scopes.ts";
import { users } from "./users.ts";

export interface CreatorGrant {
  id: string;
  organisationId: string;
  userId: string;
  role: string;
  scope: string;
  projectId?: string | undefined;
  grantedBy: string;
}

/**
 * Gives somebody the role that comes with having made something: once. Where it was given before nothing changes, also where it
 * was taken since, so a replayed event brings no role back; nor does one of a project that was removed meanwhile.
 */
export async function giveCreator(tx: Transaction, of: CreatorGrant): Promise<void> {
  const { organisationId, userId, role, scope } = of;
  const [known] = await tx.find(grants, { organisationId, userId, role, scope }, { limit: 1 });
  if (known !== undefined || (await tx.get(users, userId)) === undefined) return;
  if (await isAnyRemoved(tx, [scope, of.projectId])) return;
  await addGrant(tx, { ...of, origin: "creator" });
}
