// Who may see what, as several RPCs ask it.
import { contactProjects, participations, projects } from "../people.ts";
import {
  allOf,
  anyOf,
  contactColumn,
  editors,
  holds,
  inOrganisation,
  owner,
  part,
  participantRow,
  peers,
  personal,
  projectRow,
  type Rule,
  reporters,
  team,
} from "../rules.ts";

const isOpen: Rule = ({ subject: { project } }) => project !== undefined && projects[project].isOpen;
const isClosed: Rule = ({ subject: { project } }) => project !== undefined && !projects[project].isOpen;

/** "People of a project": its active participants see it where it is for its people. The page has no row for that. */
const peopleOfProject: Rule = ({ person, subject }) =>
  person.participant !== undefined && participations[person.participant].isActive && subject.project === "own";

export const seesProject: Rule = anyOf(
  allOf(isOpen, projectRow("see published public projects", "visitors see published public projects")),
  allOf(isClosed, projectRow("see drafts")),
  team,
  peopleOfProject,
);

/** The page has no row for seeing a folder: whoever edits it, and whoever sees a project in it. */
export const seesFolder: Rule = anyOf(
  projectRow("edit a folder"),
  ({ person, subject }) =>
    person.holds.some((held) => "project" in held && projects[held.project].folder === subject.folder),
  allOf(inOrganisation, ({ subject }) =>
    Object.values(projects).some((one) => one.isOpen && one.folder === subject.folder),
  ),
);

const boardRoles: Rule = anyOf(
  part("board_admin", "edit the board and its cards"),
  part("board_member", "see the board"),
);
export const seesBoard: Rule = anyOf(team, boardRoles);
export const editsBoard: Rule = anyOf(editors, part("board_admin", "edit the board and its cards"));
/** Whoever answers cards must know what is asked. */
export const seesSetup: Rule = anyOf(team, ({ person, subject }) =>
  person.holds.some((held) => "board" in held && held.board === subject.project),
);

export const seesContact: Rule = personal(contactColumn("name"));
export const updatesContact: Rule = personal(contactColumn("write to the timeline"));

/** "Projects that the reader may see": by any other nobody finds who is in it. */
export const findsByProject: Rule = allOf(seesContact, (ask) => {
  const { contact } = ask.subject;
  return (
    contact !== undefined && contactProjects[contact].some((project) => seesProject({ ...ask, subject: { project } }))
  );
});

/** "By managers of a project the contact is in": also those whose right is derived, but not with redacted access. */
export const managesContact: Rule = personal((ask) => {
  const { contact } = ask.subject;
  return (
    contact !== undefined && contactProjects[contact].some((project) => managers({ ...ask, subject: { project } }))
  );
});
const managers = holds("manager", "folder_manager");

/** Who takes part is personal data of the project's people; each contact only from "headline only" up. */
export const seesParticipation: Rule = personal(allOf(anyOf(team, boardRoles), contactColumn("name")));
export const editsParticipation: Rule = personal(allOf(editors, contactColumn("name")));
/** "Add and remove its contacts." */
export const endsParticipation: Rule = personal(
  allOf(anyOf(editors, part("board_admin", "its contacts")), contactColumn("name")),
);
/** As whoever enrols; but what a code opens is no more of the contact than its printer sees and writes. */
export const printsCode: Rule = allOf(endsParticipation, contactColumn("write to the timeline"));

export const writesPost: Rule = anyOf(
  personal(
    allOf(
      // A board's admin edits what its members answer.
      anyOf(
        reporters,
        holds("board_admin"),
        part("board_member", "answer cards on behalf of contacts they may update"),
      ),
      contactColumn("write to the timeline"),
    ),
  ),
  participantRow("answer question cards, post progress, upload files, create tips"),
);

const staffReadPosts: Rule = personal(allOf(team, contactColumn("timeline")));
/** Of their own, and what they wrote themselves, also after the participation has ended; and their peers'. */
export const readsOwnPosts: Rule = anyOf(
  participantRow("own charts, own newsfeed, own dashboard, own timeline"),
  owner,
  peers,
);
export const readsPost: Rule = anyOf(staffReadPosts, readsOwnPosts);
export const commentsOnPost: Rule = anyOf(
  personal(allOf(reporters, contactColumn("write to the timeline"))),
  participantRow("like and comment on own progress; like and discuss tips"),
  allOf(
    peers,
    ({ person }) => person.participant !== undefined && participations[person.participant].level === "discuss",
  ),
);
/** A comment that staff wrote on a post: never a peer's to read. */
export const readsStaffComment: Rule = anyOf(
  staffReadPosts,
  participantRow("see staff comments on own posts and reply; be notified"),
);
