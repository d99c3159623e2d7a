import type { Tour } from "../visitor.ts";
import type { Conversation } from "./answers.ts";
import { enrolOnce } from "./enrolment.ts";
import { CREDITS, invitationToken } from "./organisation.ts";

/** The ledger tells what happened, and the same requests again change nothing. (B1, B3) */
export async function closeBooks(tour: Tour, conversation: Conversation): Promise<void> {
  const { narrator, settings } = tour;
  const { organisation, participant, marks, ben } = conversation;
  narrator.step("The ledger shows the credit held and used; doing it all again with the same ids changes nothing");
  const client = organisation.admin.at(organisation.id);
  const before = await books();
  narrator.expect(kinds(before) === "grant,hold,use", "the ledger's entries are a grant, a hold and a use");
  narrator.expect(before.balance.available === CREDITS - 1 && before.balance.used === 1, "the balance is right");
  await enrolOnce(conversation, participant);
  const again = await ben
    .at("account")
    .identity.acceptInvitation({ token: await invitationToken(settings.mailboxUrl, marks.email) })
    .then(
      () => "accepted as before",
      (error: { status?: number; reason?: string }) => `${error.status} ${error.reason}`,
    );
  narrator.say(`Accepting again answers: ${again}`);
  const after = await books();
  narrator.expect(JSON.stringify(before) === JSON.stringify(after), "ledger and balance are what they were");
  const participations = await client.contacts.listParticipations({ projectId: conversation.project.id });
  narrator.expect(participations.items.length === 1, "there is still one participation");

  async function books() {
    const { items } = await client.billing.listEntries({});
    return { entries: items, balance: await client.billing.getBalance({}) };
  }
}

function kinds({ entries }: { entries: { kind: string }[] }): string {
  return entries
    .map(({ kind }) => kind)
    .sort()
    .join(",");
}
