// Projects and Contacts: folders, projects, contacts and who takes part.
import {
  allOf,
  anyOf,
  colleague,
  createsContactsInProject,
  editors,
  holds,
  nobody,
  not,
  organisationColumn,
  ownParticipation,
  personal,
  projectRow,
  team,
  withOrganisationToken,
} from "../rules.ts";
import {
  boards,
  type Case,
  contacts,
  type Expectations,
  everyParticipation,
  everyProject,
  folders,
  mismatch,
  organisation,
  stale,
  taken,
  twoProjects,
} from "./targets.ts";
import {
  editsParticipation,
  endsParticipation,
  findsByProject,
  managesContact,
  printsCode,
  seesBoard,
  seesContact,
  seesFolder,
  seesParticipation,
  seesProject,
  updatesContact,
} from "./views.ts";

const preferences = organisationColumn("organisation preferences");
const organisationOnly = { targets: organisation, sees: withOrganisationToken };
const newProject = { title: "One more" };

/** Visitors see published projects on a page of their own; this list is for who has a token. */
const listsProject = allOf(withOrganisationToken, seesProject);

/** "Moving one needs rights at both ends." Each is moved to where it is, which changes nothing. */
const moves = allOf(editors, projectRow("create a project"));

export const projectExpectations: Expectations = {
  // A new folder is in nobody's own: nearest to the preferences.
  "Projects.CreateFolder": [
    {
      ...organisationOnly,
      request: ({ folderId: id }) => ({ id, title: "Once more" }),
      acts: preferences,
      past: taken,
    },
  ],
  "Projects.GetFolder": [
    { targets: folders, request: ({ folderId }) => ({ folderId }), acts: seesFolder, sees: seesFolder },
  ],
  "Projects.ListFolders": [
    { targets: folders, request: () => ({}), acts: seesFolder, sees: seesFolder, item: ({ folderId }) => folderId },
  ],
  "Projects.UpdateFolder": [
    {
      targets: folders,
      request: ({ folderId }) => ({ folderId, title: "Other" }),
      acts: projectRow("edit a folder"),
      sees: seesFolder,
      past: stale,
    },
  ],
  "Projects.CreateProject": [
    {
      about: "in a folder",
      targets: folders,
      request: ({ folderId, projectId: id }) => ({ id, folderId, ...newProject }),
      acts: projectRow("create a project"),
      sees: seesFolder,
      past: taken,
    },
    {
      ...organisationOnly,
      about: "outside folders",
      request: ({ projectId: id }) => ({ id, ...newProject }),
      acts: organisationColumn("create projects"),
      past: taken,
    },
  ],
  "Projects.GetProject": [
    { targets: everyProject, request: ({ projectId }) => ({ projectId }), acts: seesProject, sees: seesProject },
  ],
  "Projects.ListProjects": [
    {
      targets: everyProject,
      request: () => ({}),
      acts: listsProject,
      sees: seesProject,
      item: ({ projectId }) => projectId,
    },
    {
      about: "in a folder",
      targets: everyProject,
      request: ({ folderId }) => (folderId ? { folderId } : {}),
      // The folder of a project outside of any is none: the question is then for all.
      acts: listsProject,
      sees: seesProject,
      item: ({ projectId }) => projectId,
    },
  ],
  "Projects.UpdateProject": [
    {
      targets: everyProject,
      request: ({ projectId }) => ({ projectId, status: "draft" }),
      acts: allOf(editors, projectRow("set a project to draft")),
      sees: seesProject,
      past: stale,
    },
  ],
  "Projects.MoveProject": [
    {
      targets: everyProject,
      request: ({ projectId, folderId }) => ({ projectId, ...(folderId && { folderId }) }),
      // Outside of any folder the project's manager is at home; to stay there takes who creates projects there.
      acts: anyOf(
        allOf(({ subject }) => subject.project !== "outside", moves),
        allOf(({ subject }) => subject.project === "outside", editors, organisationColumn("create projects")),
      ),
      sees: seesProject,
    },
    {
      about: "into a folder of another organisation",
      targets: [mismatch("own project", { project: "own" })],
      request: ({ projectId }, _own, foreign) => ({ projectId, folderId: foreign.folderId }),
      acts: nobody,
      sees: seesProject,
    },
  ],
};

const enrolsOnBoard = personal(anyOf(editors, holds("board_admin")));
/** "Enrolling an existing contact needs a level on it." */
const enrols = allOf(enrolsOnBoard, seesContact);
const enrolment = { level: "see" };
const listed = { ...enrolment, kind: "client", rows: [] };
const noBatch = "enb_01900000-0000-7000-8000-000000000000";

export const contactExpectations: Expectations = {
  "Contacts.CreateContactField": [
    {
      ...organisationOnly,
      request: ({ contactFieldId: id }) => ({ id, name: "Field", kind: "text" }),
      acts: preferences,
      past: taken,
    },
  ],
  // Reading has no row: a colleague sees contacts by these fields.
  "Contacts.ListContactFields": [{ ...organisationOnly, request: () => ({}), acts: colleague }],
  "Contacts.CreateContact": [
    {
      about: "in a project",
      targets: everyProject,
      request: ({ projectId, contactId: id }) => ({ id, projectId, kind: "client", name: "Once More" }),
      acts: personal(createsContactsInProject),
      sees: seesProject,
      past: taken,
    },
    {
      ...organisationOnly,
      about: "without a project",
      request: ({ contactId: id }) => ({ id, kind: "client", name: "Once More" }),
      acts: organisationColumn("create contacts"),
      past: taken,
    },
  ],
  "Contacts.GetContact": [
    { targets: contacts, request: ({ contactId }) => ({ contactId }), acts: seesContact, sees: seesContact },
  ],
  "Contacts.SearchContacts": [
    {
      targets: contacts,
      request: () => ({}),
      acts: seesContact,
      sees: seesContact,
      item: ({ contactId }) => contactId,
    },
    {
      about: "by project",
      targets: contacts.filter(({ subject }) => subject.contact !== "loose"),
      request: ({ projectId }) => ({ projectId }),
      acts: findsByProject,
      sees: findsByProject,
      item: ({ contactId }) => contactId,
    },
  ],
  // No row says who edits a contact. Nearest: who writes to it by a direct level, or edits the project that it is in.
  "Contacts.UpdateContact": [
    {
      targets: contacts,
      request: ({ contactId }) => ({ contactId, phone: "+44 20 7946 0000" }),
      acts: allOf(updatesContact, anyOf(holds("admin"), holds("contact_updates"), managesContact)),
      sees: seesContact,
      past: stale,
    },
  ],
  // Nor who deletes one. Nearest: who may remove it from every project that it is in.
  "Contacts.DeleteContact": [
    {
      targets: contacts,
      request: ({ contactId }) => ({ contactId }),
      acts: allOf(updatesContact, anyOf(holds("admin"), managesContact)),
      sees: seesContact,
      past: stale,
    },
  ],
  "Contacts.EnrolContact": [
    {
      targets: twoProjects.map((target) => {
        const { project } = target.subject;
        if (project !== "own" && project !== "sibling") return target;
        return {
          ...target,
          subject: { project, board: project, contact: project === "own" ? "client" : "far" },
        } as const;
      }),
      request: ({ projectId, boardId, muteContactId: contactId }) => ({ projectId, boardId, contactId, ...enrolment }),
      acts: enrols,
      // To whoever may enrol there, a contact that they do not see is none.
      sees: allOf(seesBoard, not(enrolsOnBoard)),
      past: ["422 no_email"],
    },
    {
      about: "on a board of another project",
      targets: [
        mismatch("own project", { project: "own", board: "own", contact: "client" }),
        mismatch("sibling project", { project: "sibling", board: "sibling", contact: "far" }),
      ],
      request: ({ projectId, otherBoardId: boardId, contactId }) => ({ projectId, boardId, contactId, ...enrolment }),
      acts: nobody,
      sees: seesBoard,
    },
  ],
  // A list that enrols nobody; whom a row means is decided as for one contact.
  "Contacts.PreviewEnrolments": [
    { targets: boards, request: ({ boardId }) => ({ boardId, ...listed }), acts: enrolsOnBoard, sees: seesBoard },
  ],
  "Contacts.SendEnrolments": [
    {
      targets: boards,
      request: ({ boardId }) => ({ boardId, ...listed, rows: [{ email: "nobody" }], digest: "x".repeat(43) }),
      acts: enrolsOnBoard,
      sees: seesBoard,
      past: ["400 rows_refused"],
    },
  ],
  // Nobody has this id.
  "Contacts.GetEnrolmentBatch": [
    { targets: organisation, request: () => ({ batchId: noBatch }), acts: nobody, sees: nobody },
  ],
  // The table is silent; whoever may enrol that contact there, as it is ended by.
  "Contacts.ResendParticipantInvitation": [
    {
      targets: everyParticipation.filter(({ subject }) => (subject.participation ?? "ended") === "ended"),
      request: ({ participationId }) => ({ participationId }),
      acts: endsParticipation,
      sees: anyOf(seesParticipation, ownParticipation),
      past: ["410 participation_ended"],
    },
  ],
  "Contacts.GetParticipation": [
    {
      targets: everyParticipation,
      request: ({ participationId }) => ({ participationId }),
      acts: seesParticipation,
      sees: anyOf(seesParticipation, ownParticipation),
    },
  ],
  "Contacts.ListParticipations": [
    {
      about: "of a project",
      targets: twoProjects,
      request: ({ projectId }) => ({ projectId }),
      acts: personal(team),
      sees: seesProject,
    },
    {
      targets: everyParticipation,
      request: ({ projectId }) => ({ projectId }),
      acts: allOf(personal(team), seesParticipation),
      sees: seesParticipation,
      item: ({ participationId }) => participationId,
    },
  ],
  "Contacts.ListMyParticipations": [
    {
      targets: everyParticipation,
      request: () => ({}),
      acts: ownParticipation,
      sees: ownParticipation,
      item: ({ participationId }) => participationId,
    },
  ],
  "Contacts.UpdateParticipation": [
    {
      targets: everyParticipation,
      request: ({ participationId }) => ({ participationId, level: "see" }),
      acts: editsParticipation,
      sees: anyOf(seesParticipation, ownParticipation),
      past: [...stale, "409 participation_ended"],
    },
  ],
  "Identity.PrintCode": [
    {
      targets: everyParticipation,
      request: ({ participationId }) => ({ participationId }),
      acts: printsCode,
      sees: anyOf(seesParticipation, ownParticipation),
      // All of them were invited by e-mail.
      past: ["422 invited_by_email", "422 other_ways_in"],
    },
  ],
  "Contacts.EndParticipation": [
    {
      // Ended once more; one that still goes on would end here.
      targets: everyParticipation.filter(({ subject }) => (subject.participation ?? "ended") === "ended"),
      request: ({ participationId }) => ({ participationId }),
      acts: endsParticipation,
      sees: anyOf(seesParticipation, ownParticipation),
    },
  ],
} satisfies Record<string, readonly Case[]>;
