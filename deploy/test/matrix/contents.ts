// What is in each organisation of the matrix, made through the public interface by its founder and its participants.
import type { Client } from "@partake/client";
import { newId, type Visitor } from "@partake/testing";
import {
  type ContactName,
  contactProjects,
  type FolderName,
  type ParticipantName,
  type PartName,
  type ProjectName,
  participations as participationNames,
  projects as projectNames,
} from "./people.ts";
import type { Founding } from "./world.ts";

type Participations = Record<ParticipantName | "far", string>;

export interface Contents {
  folders: Record<FolderName, string>;
  projects: Record<ProjectName, string>;
  boards: Record<PartName, string>;
  metrics: Record<PartName, string>;
  questions: Record<PartName, string>;
  contacts: Record<ContactName, string>;
  /** Contacts without an e-mail address. */
  mutes: Record<PartName, string>;
  notes: Record<string, string>;
  participations: Participations;
  posts: Participations;
  comments: Participations;
  /** What "discuss" uploaded, and was told. */
  fileId: string;
  notificationId: string;
  /** The picture of the project "open". */
  imageId: string;
  contactFieldId: string;
  orderId: string;
  invitationId: string;
  withheldRightId: string;
  deletionRequests: Record<ProjectName, string>;
  grants: {
    organisation: string;
    own: Record<"folder" | "project" | "board", string>;
    sibling: Record<"folder" | "project" | "board", string>;
    /** By contact. */
    contacts: Readonly<Record<string, string>>;
  };
}

interface Filling {
  /** When the participants have accepted. */
  finish(): Promise<Contents>;
}

const parts: readonly PartName[] = ["own", "sibling"];
const entriesOf = <K extends string, V>(of: Record<K, V>) => Object.entries(of) as [K, V][];

/** A record with a new id for each name. */
function named<K extends string>(prefix: string, names: readonly K[]): Record<K, string> {
  return Object.fromEntries(names.map((name) => [name, newId(prefix)])) as Record<K, string>;
}

export async function fill(
  founding: Founding,
  { id, participants }: { id: string; participants: ReadonlyMap<ParticipantName, Visitor> },
): Promise<Filling> {
  const participantNames = [...participants.keys()];
  const withFar = [...participantNames, "far"] as const;
  const contents: Contents = {
    folders: named("fld", parts),
    projects: named("prj", Object.keys(projectNames) as ProjectName[]),
    boards: named("brd", parts),
    metrics: named("met", parts),
    questions: named("qst", parts),
    contacts: named("con", Object.keys(contactProjects) as ContactName[]),
    mutes: named("con", parts),
    notes: named("nte", Object.keys(contactProjects)),
    participations: named("par", withFar),
    posts: named("pst", withFar),
    comments: named("cmt", withFar),
    ...{ fileId: "", notificationId: "", imageId: "" },
    ...{
      contactFieldId: newId("cfd"),
      orderId: newId("ord"),
      invitationId: newId("inv"),
      withheldRightId: newId("whr"),
    },
    deletionRequests: named("drq", Object.keys(projectNames) as ProjectName[]),
    grants: {
      organisation: "",
      own: { folder: "", project: "", board: "" },
      sibling: { folder: "", project: "", board: "" },
      contacts: {},
    },
  };
  const founder = founding.founder.at(id);
  await makeProjects(founder, contents);
  await makeOthers(founder, contents);
  const emailOf = (name: ContactName) =>
    participants.get(name as ParticipantName)?.email ?? `${name}.${id.slice(-6)}@matrix-${founding.run}.example`;
  await makeContacts(founder, { contents, emailOf });
  for (const [name, participation] of entriesOf(participationNames)) {
    const { level, peerReview } = participation;
    await founder.contacts.enrolContact({
      ...placeOf(contents, name),
      id: contents.participations[name],
      level,
      peerReview,
    });
  }
  const far = { ...placeOf(contents, "far"), id: contents.participations.far, level: "share" } as const;
  await founder.contacts.enrolContact(far);
  return { finish: () => finish({ id, founder, participants, contents }) };
}

function placeOf({ projects, boards, contacts }: Contents, contact: ContactName) {
  const part = contact === "far" ? "sibling" : "own";
  return { projectId: projects[part], boardId: boards[part], contactId: contacts[contact] };
}

async function makeProjects(
  founder: Client,
  { folders, projects, metrics, questions, boards, deletionRequests }: Contents,
): Promise<void> {
  for (const [name, id] of entriesOf(folders)) await founder.projects.createFolder({ id, title: `Folder ${name}` });
  for (const [name, id] of entriesOf(projects)) {
    const { folder, status, isOpen } = projectNames[name];
    const visibility = isOpen ? "public" : "people";
    const place = folder ? { folderId: folders[folder] } : {};
    await founder.projects.createProject({ id, ...place, title: `Project ${name}`, status, visibility });
    await founder.projects.createDeletionRequest({ id: deletionRequests[name], projectId: id, reason: "It is over." });
  }
  for (const part of parts) {
    const projectId = projects[part];
    await founder.progress.createMetric({ id: metrics[part], projectId, title: "Days active", kind: "number" });
    await founder.progress.createQuestion({ id: questions[part], projectId, text: "How is it going?", kind: "text" });
    const cards = [metrics[part], questions[part]].map((subjectId) => ({ subjectId, cadence: "weekly" as const }));
    await founder.progress.createBoard({ id: boards[part], projectId, title: "Board", managed: true, cards });
  }
}

/** What only has to be there, so that its id is taken. */
async function makeOthers(founder: Client, { contactFieldId, orderId, invitationId }: Contents): Promise<void> {
  await founder.contacts.createContactField({ id: contactFieldId, name: "Language", kind: "text" });
  await founder.billing.createOrder({ id: orderId, credits: 7 });
  const email = `invited.${invitationId.slice(-6)}@matrix.example`;
  await founder.identity.inviteColleague({ id: invitationId, email, role: "creator" });
}

async function makeContacts(
  founder: Client,
  { contents, emailOf }: { contents: Contents; emailOf(name: ContactName): string },
): Promise<void> {
  const { projects, contacts, mutes, notes } = contents;
  for (const [name, id] of entriesOf(contacts)) {
    const [project] = contactProjects[name];
    const place = project ? { projectId: projects[project] } : {};
    await founder.contacts.createContact({
      id,
      ...place,
      kind: "client",
      name: `Contact ${name}`,
      email: emailOf(name),
    });
    const note = { id: notes[name] ?? "", contactId: id, kind: "case_note", text: "Confidential." } as const;
    await founder.progress.createNote(note);
  }
  for (const part of parts)
    await founder.contacts.createContact({ id: mutes[part], projectId: projects[part], kind: "client", name: "Mute" });
}

/** A PNG. */
const onePixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAAAAAA6fptVAAAACklEQVR4nGNgAAAAAgABSK+kcQAAAABJRU5ErkJggg==",
  "base64",
);

interface Finishing {
  id: string;
  founder: Client;
  participants: ReadonlyMap<ParticipantName, Visitor>;
  contents: Contents;
}

async function finish({ id, founder, participants, contents }: Finishing): Promise<Contents> {
  const at = (name: ParticipantName): Client => {
    const visitor = participants.get(name);
    if (!visitor) throw new Error(`nobody takes part as ${name}`);
    return visitor.at(id);
  };
  const { participations, posts, comments } = contents;
  const discuss = at("discuss");
  const file = await discuss.gateway.uploadFile(
    { participationId: participations.discuss },
    { body: Buffer.from("A walk to the river."), mediaType: "text/plain", name: "walk.txt" },
  );
  contents.fileId = file.id;
  const picture = await founder.gateway.uploadProjectImage(
    { projectId: contents.projects.open },
    { body: onePixel, mediaType: "image/png", name: "river.png" },
  );
  contents.imageId = picture.id;
  for (const [name, participationId] of entriesOf(participations)) {
    const author = name === "see" || name === "far" ? founder : at(name);
    const story = { id: posts[name], participationId, kind: "story", narrative: "I walked." } as const;
    await author.progress.createPost({ ...story, fileIds: name === "discuss" ? [file.id] : [] });
    await founder.progress.createComment({ id: comments[name], postId: posts[name], text: "Well done." });
  }
  await founder.contacts.endParticipation({ participationId: participations.ended });
  contents.notificationId = await until(async () => {
    const { items } = await discuss.messaging.listMyNotifications({});
    return items[0]?.id;
  });
  // Peers see each other as soon as progress was told that both are there.
  await until(() =>
    at("peer")
      .progress.getPost({ postId: posts.discuss })
      .catch(() => undefined),
  );
  await until(() => discuss.progress.getPost({ postId: posts.peer }).catch(() => undefined));
  return contents;
}

async function until<T>(read: () => Promise<T | undefined>): Promise<T> {
  const end = Date.now() + 60_000;
  while (Date.now() < end) {
    const found = await read();
    if (found !== undefined) return found;
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  throw new Error("The world of the matrix did not become what it is to be.");
}
