import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import type { Transaction } from "@partake/store";
import { mayEnrol, placesOfInvitation } from "../accepting.ts";
import { nextPrint, PRINTED_CODE_LIFE_MS } from "../domain/printed-code.ts";
import { printedCodeSecrets } from "../printed-codes.ts";
import { recordFacts } from "../record-facts.ts";
import { type InvitationRecord, invitations } from "../store/invitations.ts";
import { organisations } from "../store/organisations.ts";
import { type PrintedCodeRecord, printedCodes } from "../store/printed-codes.ts";
import { reachOf } from "../store/reach.ts";
import { sealing as openSealing } from "../store/sealing.ts";
import { users } from "../store/users.ts";

type Printing = Pick<Implementation<"Identity">, "printCode">;
/** What a code is to be for, as far as its printing depends on it. */
type Wanted = Pick<PrintedCodeRecord, "purpose" | "userId" | "reach" | "invitationId">;

const dayMs = 24 * 60 * 60_000;
const hourMs = 60 * 60_000;
const anew = { usedAt: undefined, reach: undefined };

/** Codes on paper, for participants who have no e-mail address. (R24, C2) */
export function printingApi(parts: Parts): Printing {
  const { store, clients, config } = parts;
  const secrets = printedCodeSecrets(openSealing(config.encryptionKeys));

  async function shown(participationId: string, printId: string) {
    const printed = await store.get(printedCodes, participationId);
    if (printed?.printId !== printId) throw failure("gone", "code_replaced");
    const organisation = await store.get(organisations, printed.organisationId);
    return {
      ...{ id: printId, participationId, code: secrets.codeOf(participationId, printId), purpose: printed.purpose },
      address: `${config.origin}/code`,
      expiresAt: printed.expiresAt.toISOString(),
      organisationName: organisation?.name ?? "",
    };
  }

  return {
    async printCode({ participationId, id: printId }, call: Call) {
      const { organisationId, actorId } = call;
      const facts = await recordFacts(clients, call, [participationId]);
      const record = facts.get(participationId);
      call.decide(record);
      const wanted = await wantedFor(parts, call, participationId);
      const { projectId = "" } = record;
      const places = await placesOfInvitation(parts, { projectId });
      const codeHash = secrets.hashOf(secrets.codeOf(participationId, printId));
      await store.write(call, async (tx) => {
        if (!(await mayEnrol(tx, { userId: actorId, organisationId, projectId, places })))
          throw failure("forbidden", "no_role");
        const before = await tx.get(printedCodes, participationId);
        const printsThatDay = nextPrint(before, tx.now);
        if (printsThatDay === undefined) throw failure("rate_limited", "too_many_codes", { retryAfterMs: hourMs });
        const expiresAt = new Date(tx.now.getTime() + PRINTED_CODE_LIFE_MS);
        const times = { printedAt: tx.now, expiresAt, forgottenAt: new Date(expiresAt.getTime() + dayMs) };
        const print = { ...wanted, ...times, organisationId, projectId, printId, codeHash, printsThatDay };
        // The one before is dead: a participation has one record, and with it one code.
        if (before !== undefined) await tx.update(printedCodes, before, { ...anew, ...print, printedBy: actorId });
        else await tx.insert(printedCodes, { _id: participationId, ...print, printedBy: actorId });
        await extendInvitation(tx, wanted, { senderId: actorId, expiresAt });
        tx.audit({ action: "code.printed", organisationId, subjectId: participationId, scope: projectId });
        return printId;
      });
      return shown(participationId, printId);
    },
  };
}

async function wantedFor(parts: Parts, call: Call, participationId: string): Promise<Wanted> {
  const [invitation] = await parts.store.find(invitations, { participationId }, { limit: 1 });
  switch (invitation?.state) {
    case undefined:
    case "reserved":
      throw failure("unprocessable", "not_invited_yet");
    case "withdrawn":
      throw failure("unprocessable", "participation_ended");
    case "pending":
      return toAccept(invitation);
    case "accepted":
      return toReturn(parts, call, invitation);
    default:
      throw new Error("an invitation is in a state that nobody knows");
  }
}

function toAccept({ _id: invitationId, isPrinted, newUserId }: InvitationRecord): Wanted {
  if (isPrinted !== true || newUserId === undefined) throw failure("unprocessable", "invited_by_email");
  return { purpose: "accept", userId: newUserId, invitationId };
}

/**
 * A code lets into a whole account. So it is made only of one that reaches no further than its printer does, and that has no address
 * to send a code to. Which of these it is that stands against it is not told: one of them lies in another organisation.
 */
async function toReturn({ store, clients, clock }: Parts, call: Call, invitation: InvitationRecord): Promise<Wanted> {
  const { acceptedBy: userId = "", _id: invitationId, participationId = "", organisationId } = invitation;
  const refusal = () => failure("unprocessable", "other_ways_in");
  const user = await store.get(users, userId);
  if (user === undefined || !user.enabled || user.email !== undefined) throw refusal();
  const reach = await reachOf(store, { userId, organisationId, now: clock.now() });
  if (reach === undefined) throw refusal();
  if (!reach.open.includes(participationId)) throw failure("unprocessable", "participation_ended");
  const facts = await recordFacts(clients, call, reach.participationIds);
  for (const id of reach.participationIds) {
    const record = facts.get(id);
    if (record === undefined || !call.may("participation.print_code", record)) throw refusal();
  }
  return { purpose: "return", userId, invitationId, reach: reach.participationIds };
}

/** Whoever prints the code of an invitation answers for it, as if they had invited; and it holds as long as its code. */
async function extendInvitation(
  tx: Transaction,
  { purpose, invitationId }: Wanted,
  changes: Pick<InvitationRecord, "senderId" | "expiresAt">,
): Promise<void> {
  const invitation = await tx.get(invitations, invitationId);
  const isAsFound = invitation?.state === (purpose === "accept" ? "pending" : "accepted");
  if (invitation === undefined || !isAsFound) throw failure("conflict", "concurrent_change");
  if (purpose === "accept") await tx.update(invitations, invitation, changes);
}
