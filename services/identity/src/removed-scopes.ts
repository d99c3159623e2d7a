import { type DueWorkParts, eachDue } from "@partake/service";
import {
  type Cause,
  type CollectionDefinition,
  type Store,
  type Stored,
  type Transaction,
  trusted,
} from "@partake/store";
import { changeParticipant, removeGrants } from "./store/grant-changes.ts";
import { type GrantRecord, grants } from "./store/grants.ts";
import { type InvitationRecord, invitations } from "./store/invitations.ts";
import { type RemovedScopeRecord, removalCauseOf, removedScopes } from "./store/removed-scopes.ts";
import { restoreRight, type WithheldRightRecord, withheldRights } from "./store/withheld-rights.ts";

/** In one transaction, and in one turn; the rest follows with the next. */
const mostInPiece = 100;
const mostPieces = 50;
const mostScopes = 20;
const cause: Cause = { actorId: "service:identity", traceparent: undefined };

/** A kind of thing that ends with a scope: what is left of it, and how one piece of that ends. */
interface Ending<T extends Stored> {
  collection: CollectionDefinition<T>;
  left: Record<string, unknown>;
  end(tx: Transaction, found: readonly T[]): Promise<unknown>;
}

/**
 * Ends what is held on projects, folders and contacts that were removed for good: roles on them and in them, invitations, withheld rights.
 * Nobody has to stay in charge of what is gone, so neither the last manager nor the last direct one holds it up. Each piece is a
 * transaction that finds what is left, so after a crash it simply goes on. (P6)
 */
export async function endRemovedScopes(parts: DueWorkParts): Promise<void> {
  const { store, log } = parts;
  let pieces = mostPieces;

  async function end(removed: RemovedScopeRecord): Promise<void> {
    for (const ending of endingsOf(removed)) {
      for (let found = mostInPiece; found === mostInPiece; pieces -= 1) {
        if (pieces === 0) return;
        found = await endPiece(store, ending);
      }
    }
    await store.write(cause, async (tx) => {
      const current = await tx.get(removedScopes, removed._id);
      if (current?.pending) await tx.update(removedScopes, current, { pending: false });
      return removed._id;
    });
    log.info({ scope: removed._id }, "what was held on something that was removed has ended");
  }

  const oldest = { limit: mostScopes, sort: { removedAt: 1 } } as const;
  const find = (_id: object) => store.find(removedScopes, { pending: true, _id }, oldest);
  await eachDue(parts, { name: "removed-scopes", find, work: end });
}

async function endPiece(store: Store, ending: AnyEnding): Promise<number> {
  let found = 0;
  await store.write(cause, async (tx) => {
    const piece = await tx.find(ending.collection, ending.left, { limit: mostInPiece });
    found = piece.length;
    await ending.end(tx, piece);
    return cause.actorId;
  });
  return found;
}

// biome-ignore lint/suspicious/noExplicitAny: endings of different records stand in one list
type AnyEnding = Ending<Stored & any>;

function endingsOf({ _id: scope, organisationId }: RemovedScopeRecord): AnyEnding[] {
  const because = removalCauseOf(scope);
  const how = because === undefined ? {} : { because };
  const roles = (tx: Transaction, found: readonly GrantRecord[]) => removeGrants(tx, found, how);
  if (because === undefined)
    return [
      { collection: grants, left: { organisationId, scope, removed: false }, end: roles },
      { collection: grants, left: { organisationId, "participant.contactId": scope, removed: false }, end: roles },
    ];
  const isOpen = { state: trusted({ $in: ["reserved", "pending"] }) };
  const withdrawn: Ending<InvitationRecord>["end"] = async (tx, found) => {
    for (const invitation of found) {
      await tx.update(invitations, invitation, { state: "withdrawn", mailPending: false });
      const { _id: subjectId } = invitation;
      tx.audit({ action: "invitation.withdrawn", organisationId, subjectId, scope, cause: because });
    }
  };
  if (because === "folder_removed")
    return [
      { collection: grants, left: { organisationId, scope, removed: false }, end: roles },
      { collection: invitations, left: { organisationId, folderId: scope, ...isOpen }, end: withdrawn },
    ];
  const others = { organisationId, removed: false, role: trusted({ $ne: "participant" }) };
  const going = { role: "participant", "participant.state": trusted({ $ne: "ended" }) };
  return [
    { collection: grants, left: { ...others, scope }, end: roles },
    { collection: grants, left: { ...others, projectId: scope }, end: roles },
    { collection: grants, left: { organisationId, projectId: scope, removed: false, ...going }, end: endParticipants },
    { collection: invitations, left: { organisationId, projectId: scope, ...isOpen }, end: withdrawn },
    {
      collection: withheldRights,
      left: { organisationId, projectId: scope, restored: false },
      end: async (tx: Transaction, found: readonly WithheldRightRecord[]) => {
        for (const right of found) await restoreRight(tx, right, { because });
      },
    },
  ];
}

/** A participant keeps the log-in, as after every participation that ends. (C2) */
async function endParticipants(tx: Transaction, found: readonly GrantRecord[]): Promise<void> {
  for (const grant of found) {
    const { participant, participationVersion = 0 } = grant;
    if (participant === undefined) continue;
    const ended = { participant: { ...participant, state: "ended" as const }, participationVersion };
    await changeParticipant(tx, grant, ended, "project_removed");
  }
}
