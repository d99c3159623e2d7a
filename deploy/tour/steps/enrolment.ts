import { mailsTo } from "@partake/testing";
import { newId, type Tour, type Visitor, visit } from "../visitor.ts";
import { accept, CREDITS, type TourOrganisation } from "./organisation.ts";
import type { TourProject } from "./project.ts";

/** Values that belong to a person, each with a mark, so that they can be looked for where they must not be. */
export interface Marks {
  name: string;
  email: string;
  caseNote: string;
  narrative: string;
  comment: string;
}

export interface TourParticipant {
  contactId: string;
  participationId: string;
  fieldId: string;
}

export function marks(run: string): Marks {
  return {
    name: `Ben Marked-${run}`,
    email: `ben.${run}@mail.example`,
    caseNote: `case note ${run}: housing is not safe`,
    narrative: `narrative ${run}: I walked to the river`,
    comment: `comment ${run}: well done`,
  };
}

interface Enrolment {
  organisation: TourOrganisation;
  project: TourProject;
  marks: Marks;
}

/** A contact with custom fields and a case note, enrolled on the managed board. (C1, C2, C5, G3) */
export async function enrol(tour: Tour, enrolment: Enrolment): Promise<TourParticipant> {
  const { narrator, settings } = tour;
  narrator.step("Asha creates a contact, writes a confidential case note, and adds the contact to the board");
  const ids = { contactId: newId("con"), participationId: newId("par"), fieldId: newId("cfd"), noteId: newId("nte") };
  await enrolOnce(enrolment, ids);
  const { organisation } = enrolment;
  const balance = await organisation.admin.at(organisation.id).billing.getBalance({});
  narrator.expect(balance.held === 1 && balance.available === CREDITS - 1, "one credit is held");
  const invitations = await mailsTo(settings.mailboxUrl, enrolment.marks.email);
  narrator.expect(
    invitations.length > 0 || (await mailArrives(tour, enrolment.marks.email)),
    "the invitation is in the mailbox",
  );
  return ids;
}

/** The requests of the step, with the same ids each time. */
export async function enrolOnce(
  { organisation, project, marks }: Enrolment,
  ids: { contactId: string; participationId: string; fieldId: string; noteId?: string },
): Promise<void> {
  const client = organisation.admin.at(organisation.id);
  await client.contacts.createContactField({
    id: ids.fieldId,
    name: "Preferred language",
    kind: "choice",
    choices: ["English", "Polish"],
  });
  await client.contacts.createContact({
    id: ids.contactId,
    projectId: project.id,
    kind: "service_user",
    name: marks.name,
    email: marks.email,
    customValues: [{ fieldId: ids.fieldId, choice: "Polish" }],
  });
  if (ids.noteId) {
    const note = { id: ids.noteId, contactId: ids.contactId, kind: "case_note", text: marks.caseNote } as const;
    await client.progress.createNote(note);
  }
  await client.contacts.enrolContact({
    id: ids.participationId,
    projectId: project.id,
    boardId: project.boardId,
    contactId: ids.contactId,
    level: "discuss",
    peerReview: false,
  });
}

/** The participant accepts and sees their own board and nothing else of the organisation. (C2, R8) */
export async function join(tour: Tour, enrolment: Enrolment, participant: TourParticipant): Promise<Visitor> {
  const { narrator } = tour;
  const { organisation, project, marks } = enrolment;
  narrator.step("Ben accepts the invitation: the credit is used, month 1 starts");
  const ben = await visit(tour, marks.email);
  await accept(tour, ben);
  const balance = await organisation.admin.at(organisation.id).billing.getBalance({});
  narrator.expect(balance.used === 1 && balance.held === 0, "the credit is used");
  const client = ben.at(organisation.id);
  const board = await client.progress.getMyBoard({ participationId: participant.participationId });
  narrator.expect(
    board.cards.length === 3 && board.cards.every((card) => card.open),
    "Ben sees three open question cards",
  );
  await refused(tour, "Ben sees no contacts", () => client.contacts.getContact({ contactId: participant.contactId }));
  await refused(tour, "Ben sees no colleagues", () => client.identity.listColleagues({}));
  await refused(tour, "Ben sees no billing", () => client.billing.getBalance({}));
  await refused(tour, "Ben sees no participations of others", () =>
    client.contacts.listParticipations({ projectId: project.id }),
  );
  return ben;
}

/** Holds when the request is refused as something that is not allowed or not there. */
export async function refused({ narrator }: Tour, what: string, request: () => Promise<unknown>): Promise<void> {
  const status = await request().then(
    () => 200,
    (error: { status?: number }) => error.status ?? 0,
  );
  narrator.expect(status === 403 || status === 404, `${what} (${status})`);
}

async function mailArrives({ settings }: Tour, to: string): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    if ((await mailsTo(settings.mailboxUrl, to)).length > 0) return true;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return false;
}
