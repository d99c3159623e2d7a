import { idOf, readMail, type Visitor, visit } from "@partake/testing";
import {
  boardOf,
  COLLEAGUES,
  CREDITS,
  contacts,
  type DemoContact,
  FIELDS,
  FOLDERS,
  FURTHER_ROLES,
  metricOf,
  ORGANISATION_ID,
  PROJECTS,
  QUESTIONS,
  questionOf,
} from "./cast.ts";
import { history } from "./history.ts";

export interface DemoOptions {
  origin: string;
  mailboxUrl: string;
  operatorEmail: string;
  billingEmail: string;
  /** The day on which the half year of answers ends. */
  until: Date;
  /** Default: all sixty. */
  people?: readonly DemoContact[];
  progress(text: string): void;
}

/** How many people do things at the same time: enough to use two cores, few enough to leave the limits alone. */
const AT_ONCE = 6;

/** Makes the demo organisation through the public interface. Every id is fixed, so that a broken-off run can simply go on. */
export async function make(options: DemoOptions): Promise<void> {
  const admin = await organisation(options);
  options.progress("demo: folders, projects, questions and boards");
  await projects(admin);
  options.progress("demo: colleagues of every role");
  await colleagues(options, admin);
  const people = options.people ?? contacts();
  options.progress(`demo: ${people.length} contacts`);
  const { contacts: api } = admin.at(ORGANISATION_ID);
  for (const { id, name, kind, choices } of FIELDS)
    await api.createContactField({ id, name, kind, choices: [...choices] });
  let done = 0;
  await inTurns(people, async (person) => {
    await contact(admin, person);
    if (person.participation) await participant(options, admin, person);
    done += 1;
    options.progress(`demo: ${done} of ${people.length} contacts with half a year of answers`);
  });
}

async function organisation(options: DemoOptions): Promise<Visitor> {
  const [first] = COLLEAGUES;
  if (!first) throw new Error("The demo has no first admin.");
  const operator = await visit({ ...options, email: options.operatorEmail });
  const { identity } = operator.at("platform");
  const organisationId = ORGANISATION_ID;
  const [name, timeZone] = ["Riverside Together", "Europe/London"];
  await identity.createOrganisation({ id: organisationId, name, preset: "charity", timeZone, language: "en" });
  const admin = await visit({ ...options, email: first.email });
  if (!(await belongs(admin))) {
    await identity.inviteFirstAdmin({ organisationId, id: idOf("inv", first.email), email: first.email });
    await accept(options, admin);
  }
  await nameMe(admin, first.name);
  const orderId = idOf("ord", "demo");
  await admin.at(organisationId).billing.createOrder({ id: orderId, credits: CREDITS });
  const billing = await visit({ ...options, email: options.billingEmail });
  await billing.at("platform").billing.confirmOrder({ orderId });
  return admin;
}

async function projects(admin: Visitor): Promise<void> {
  const api = admin.at(ORGANISATION_ID);
  for (const [position, folder] of FOLDERS.entries()) await api.projects.createFolder({ ...folder, position });
  const scale = { minimum: 0, maximum: 10, minimumLabel: "not at all", maximumLabel: "completely" };
  for (const [index, { id, folderId, title, description, metric }] of PROJECTS.entries()) {
    const projectId = id;
    await api.projects.createProject({
      id,
      folderId,
      title,
      description,
      status: "published",
      visibility: "registered",
    });
    const { milestone, ...measured } = metric;
    await api.progress.createMetric({
      projectId,
      id: metricOf(index),
      ...measured,
      kind: "number",
      milestones: [milestone],
    });
    for (const [question, text] of QUESTIONS.entries()) {
      await api.progress.createQuestion({ projectId, id: questionOf(index, question), text, kind: "scale", scale });
    }
    const cards = [
      { subjectId: metricOf(index), cadence: "weekly" as const },
      ...QUESTIONS.map((_, question) => ({ subjectId: questionOf(index, question), cadence: "monthly" as const })),
    ];
    await api.progress.createBoard({ projectId, id: boardOf(index), title: "How is it going?", managed: true, cards });
  }
}

async function colleagues(options: DemoOptions, admin: Visitor): Promise<void> {
  const { identity } = admin.at(ORGANISATION_ID);
  const userIds = new Map<string, string>();
  await inTurns(COLLEAGUES.slice(1), async ({ email, name, role, scope }) => {
    await identity.inviteColleague({ id: idOf("inv", email), email, role, ...(scope && { scope }) });
    const colleague = await visit({ ...options, email });
    if (!(await belongs(colleague))) await accept(options, colleague);
    userIds.set(email, await nameMe(colleague, name));
  });
  for (const { email, ...further } of FURTHER_ROLES.filter(({ scope }) => !scope.startsWith("con_"))) {
    const userId = userIds.get(email) ?? "";
    await identity.giveRole({ id: idOf("grn", `${email} ${further.role}`), userId, ...further });
  }
}

async function contact(admin: Visitor, person: DemoContact): Promise<void> {
  const { id, name, email, kind, projectIndex } = person;
  const [language, referred, household, firstMet] = FIELDS;
  const projectId = PROJECTS[projectIndex]?.id;
  await admin.at(ORGANISATION_ID).contacts.createContact({
    ...{ id, name, email, kind },
    ...(projectId && { projectId }),
    customValues: [
      { fieldId: language.id, choice: person.language },
      { fieldId: referred.id, text: person.referredBy },
      { fieldId: household.id, number: person.household },
      { fieldId: firstMet.id, date: "2026-03-02" },
    ],
  });
  const { email: to, role } = FURTHER_ROLES.find(({ scope }) => scope === id) ?? {};
  if (!to || !role) return;
  const { identity } = admin.at(ORGANISATION_ID);
  const { items } = await identity.listColleagues({ limit: 200 });
  const userId = items.find((colleague) => colleague.email === to)?.userId ?? "";
  await identity.giveRole({ id: idOf("grn", `${to} ${role}`), userId, role, scope: id });
}

async function participant(options: DemoOptions, admin: Visitor, person: DemoContact) {
  const { index, participation, projectIndex } = person;
  const projectId = PROJECTS[projectIndex]?.id;
  if (!participation || !projectId) return;
  const { id, level, peerReview } = participation;
  const staff = admin.at(ORGANISATION_ID);
  await staff.contacts.enrolContact({
    id,
    projectId,
    boardId: boardOf(projectIndex),
    contactId: person.id,
    level,
    peerReview,
  });
  const self = await visit({ ...options, email: person.email });
  if (!(await belongs(self))) await accept(options, self);
  await nameMe(self, person.name);
  // Who only sees has staff answer on their behalf.
  const { progress } = level === "see" ? staff : self.at(ORGANISATION_ID);
  for (const post of history(person, options.until)) await progress.createPost({ participationId: id, ...post });
  if (index % 5 === 0) {
    const text = "Called on Thursday. Keep an eye on the housing situation.";
    await staff.progress.createNote({
      id: idOf("nte", `demo ${index}`),
      contactId: person.id,
      kind: "case_note",
      projectId,
      text,
    });
  }
}

async function belongs(visitor: Visitor): Promise<boolean> {
  const { organisations } = await visitor.at("account").identity.getMe({});
  return organisations.some(({ organisationId }) => organisationId === ORGANISATION_ID);
}

async function accept({ mailboxUrl }: DemoOptions, visitor: Visitor): Promise<void> {
  const token = await readMail({ mailboxUrl, to: visitor.email, pattern: /\/invitations#([A-Za-z0-9_-]{43})/ });
  await visitor.at("account").identity.acceptInvitation({ token });
}

async function nameMe(visitor: Visitor, name: string): Promise<string> {
  const { identity } = visitor.at("account");
  const me = await identity.getMe({});
  if (me.name !== name) await identity.updateMe({ name }, { ifMatch: me.version });
  return me.id;
}

async function inTurns<T>(items: readonly T[], work: (item: T) => Promise<void>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) await work(next);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
}
