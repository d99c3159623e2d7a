import { readMail } from "@partake/testing";
import { newId, type Tour, type Visitor, visit } from "../visitor.ts";

export interface TourOrganisation {
  id: string;
  admin: Visitor;
}

export const CREDITS = 5;

/** Before the tour: an organisation of its own, with an admin and credits. (X7, B2) */
export async function prepareOrganisation(tour: Tour, run: string): Promise<TourOrganisation> {
  const { narrator, settings } = tour;
  narrator.step(
    "An operator creates an organisation and invites its first admin; a billing operator confirms its order",
  );
  const operator = await visit(tour, settings.operatorEmail);
  const id = newId("org");
  await operator.at("platform").identity.createOrganisation({
    id,
    name: `Riverside Wellbeing ${run}`,
    preset: "charity",
    timeZone: "Europe/London",
    language: "en",
  });
  const email = `asha.${run}@riverside.example`;
  await operator.at("platform").identity.inviteFirstAdmin({ organisationId: id, id: newId("inv"), email });
  const admin = await visit(tour, email);
  await accept(tour, admin);
  const orderId = newId("ord");
  await admin.at(id).billing.createOrder({ id: orderId, credits: CREDITS });
  const billing = await visit(tour, settings.billingEmail);
  await billing.at("platform").billing.confirmOrder({ orderId });
  const balance = await admin.at(id).billing.getBalance({});
  narrator.expect(balance.available === CREDITS, `the organisation has ${CREDITS} credits`);
  return { id, admin };
}

/** Follows the link of the newest invitation in the person's mailbox and accepts. */
export async function accept({ settings }: Tour, visitor: Visitor): Promise<string> {
  const token = await invitationToken(settings.mailboxUrl, visitor.email);
  await visitor.at("account").identity.acceptInvitation({ token });
  return token;
}

export function invitationToken(mailboxUrl: string, to: string): Promise<string> {
  return readMail({ mailboxUrl, to, pattern: /\/invitations#([A-Za-z0-9_-]{43})/ });
}
