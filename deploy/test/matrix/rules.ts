// How the rows of roles.md answer a question. Every rule here reads the transcription; none reads the policy.
import {
  type ContactName,
  contactProjects,
  type FolderName,
  type Holding,
  type ParticipantName,
  type PartName,
  type Person,
  type ProjectName,
  participations,
  people,
  projects,
  type RoleName,
  type Setting,
} from "./people.ts";
import { type TableName, tables } from "./transcription.ts";

/** What a request is about, by the names of people.ts. */
export interface Subject {
  folder?: FolderName;
  project?: ProjectName;
  board?: PartName;
  contact?: ContactName;
  /** "far" was invited into the sibling project and has not accepted. */
  participation?: ParticipantName | "far";
  /** Whose it is: a kind of person, by name. */
  owner?: string;
}

/** May this person, in this setting, do something with this? */
export interface Ask {
  person: Person;
  setting: Setting;
  subject: Subject;
}

export type Rule = (ask: Ask) => boolean;

export const nobody: Rule = () => false;
export const anyOf =
  (...rules: Rule[]): Rule =>
  (ask) =>
    rules.some((rule) => rule(ask));
export const allOf =
  (...rules: Rule[]): Rule =>
  (ask) =>
    rules.every((rule) => rule(ask));
export const not =
  (rule: Rule): Rule =>
  (ask) =>
    !rule(ask);

/** "A *user* can log in"; another system cannot. */
const user: Rule = ({ person }) => person.account === undefined;
export const loggedIn: Rule = allOf(user, ({ person }) => person.token !== "none");
/** Whoever logged in at the organisation; who is known to be there is no secret to them. */
export const inOrganisation: Rule = allOf(user, ({ person }) => person.token === "organisation");
/** The organisation of their own token is known to them; a system that may nothing there is told nothing. */
export const withOrganisationToken: Rule = ({ person }) =>
  person.token === "platform" ||
  (person.token === "organisation" && (person.account === undefined || person.holds.length > 0));
/** "A colleague is a user with an organisation, folder or project role." */
export const colleague: Rule = ({ person }) =>
  person.holds.some(({ role }) =>
    ["admin", "creator", "member", "folder_manager", "manager", "reporter", "observer"].includes(role),
  );
export const owner: Rule = ({ person, subject }) => subject.owner === person.name;

/** A user; and "a member or creator without a role in a project sees of it what a registered user sees", also a system. */
const asRegistered: Rule = anyOf(user, ({ person }) =>
  person.holds.some(({ role }) => ["admin", "creator", "member"].includes(role)),
);

/** A cell of the page; a row or column that is not there is a mistake of the mapping. */
function cell(table: TableName, row: string, column: string): string {
  const { columns, rows } = tables[table] as { columns: readonly string[]; rows: Record<string, readonly string[]> };
  const found = rows[row]?.[columns.indexOf(column)];
  if (found === undefined) throw new Error(`roles.md has no cell "${row}" / "${column}" in "${table}"`);
  return found;
}

/** Whether one of the person's roles, held where the record lies, is among these. */
export function holds(...roles: RoleName[]): Rule {
  return ({ person, subject }) => person.holds.some((held) => roles.includes(held.role) && isAround(held, subject));
}

/** Whether what the role is held on is what the record is, or lies in. */
function isAround(held: Holding, subject: Subject): boolean {
  // "Take the derived manager right from a folder manager for one project."
  if ("folder" in held) return subject.project !== "withheld" && held.folder === folderOf(subject);
  if ("project" in held) return held.project === subject.project;
  if ("board" in held) return held.board === boardOf(subject);
  if ("contact" in held) return held.contact === subject.contact;
  return !("album" in held || "event" in held);
}

function folderOf({ folder, project }: Subject): FolderName | undefined {
  return project === undefined ? folder : projects[project].folder;
}

function boardOf({ board, participation }: Subject): PartName | undefined {
  if (participation === undefined) return board;
  return participation === "far" ? "sibling" : "own";
}

const preset = ({ preset: column }: Setting, row: keyof (typeof tables)["Two presets"]["rows"]) =>
  cell("Two presets", row, column);

type ProjectRow = keyof (typeof tables)["Projects and folders"]["rows"];
type Switch = "project managers give and take roles in their project" | "visitors see published public projects";

/** A row of "Projects and folders", by every column that the person stands in. */
export function projectRow(row: ProjectRow, switched?: Switch): Rule {
  const at = (column: string) => cell("Projects and folders", row, column);
  const isOn = (setting: Setting) => switched !== undefined && preset(setting, switched).startsWith("yes");
  const says = (column: string, ask: Ask, isOwn: boolean): boolean => {
    const words = at(column);
    if (words === "yes" || words.startsWith("as the ") || words === "demographics only") return true;
    if (words === "no" || words.startsWith("no: ")) return false;
    if (words === "(switch)") return isOn(ask.setting);
    return isOwn && (!words.endsWith("(switch)") || isOn(ask.setting));
  };
  return (ask) => {
    const { person } = ask;
    if (person.token === "none") return says("visitor", ask, false);
    if (person.token !== "organisation") return false;
    const has = (role: RoleName) => person.holds.some((held) => held.role === role);
    return (
      (asRegistered(ask) && says("registered user", ask, owner(ask))) ||
      (person.follows !== undefined && says("contributor", ask, owner(ask))) ||
      // A system is on the projects that were named and on no others.
      (has("manager") && (user(ask) || holds("manager")(ask)) && says("project manager", ask, holds("manager")(ask))) ||
      (has("folder_manager") && says("folder manager", ask, holds("folder_manager")(ask))) ||
      (has("admin") && says("admin", ask, true))
    );
  };
}

const organisationRows = {
  admin: "organisation admin",
  creator: "project creator",
  member: "organisation member",
  manager: "project manager",
  reporter: "project reporter",
  observer: "project observer",
} as const;

/** A column of the organisation matrix, where nothing but the organisation is touched; without the cells of projects. */
export function organisationColumn(column: (typeof tables)["Organisation matrix"]["columns"][number]): Rule {
  return ({ person, setting }) =>
    person.holds.some(({ role }) => {
      const row = organisationRows[role as keyof typeof organisationRows];
      if (row === undefined) return false;
      const words = cell("Organisation matrix", row, column);
      if (words === "yes") return true;
      if (words === "yes (switch)") return preset(setting, "project creators create projects") === "yes";
      if (words === "(switch)") return createsContacts(setting, row) && ["admin", "creator", "member"].includes(role);
      return false;
    });
}

function createsContacts(setting: Setting, row: string): boolean {
  const named = preset(setting, "who may create contacts").split(", ");
  return named.includes(row) || named.includes(row.replace(/^(organisation|project) (?=admin|reporter)/, ""));
}

/** "A contact is created in a project by a project role (its own project only)"; derived managers are managers. */
export const createsContactsInProject: Rule = (ask) =>
  (["manager", "reporter", "observer"] as const).some(
    (role) => holds(role)(ask) && createsContacts(ask.setting, organisationRows[role]),
  ) ||
  (holds("folder_manager")(ask) && createsContacts(ask.setting, organisationRows.manager));

/** The generic levels, on a project: the level's own roles and those above; admins and derived managers are editors. */
function level(...levels: (keyof (typeof tables)["Three generic levels"]["rows"])[]): Rule {
  const roles = levels.map((row) => cell("Three generic levels", row, "project role") as RoleName);
  return anyOf(allOf(aProject, holds(...roles)), allOf(aProject, holds("admin", "folder_manager")));
}
const aProject: Rule = ({ subject }) => subject.project !== undefined;

/** Editors of the project: whoever may edit it. */
export const editors = allOf(aProject, projectRow("edit project: title, description, phases, access rights"));
/** Whoever adds to a project. */
export const reporters = level("editor", "reporter");
/** "The whole team sees the project in every status, its posts and its aggregates." */
export const team = level("editor", "reporter", "observer");

const rowOfPart = {
  board_admin: "board admin",
  board_member: "board member",
  album_manager: "album manager",
  album_member: "album member",
  event_manager: "event manager",
  event_worker: "event worker",
} as const;

/** A role on a thing inside a project, by the words that allow it. */
export function part(role: keyof typeof rowOfPart, words: string): Rule {
  const may = cell("Things inside a project", rowOfPart[role], "may");
  if (!may.includes(words)) throw new Error(`roles.md does not let a ${role} "${words}"`);
  return holds(role);
}

/** What an operator may, by the words that allow it. */
export function operator(name: NonNullable<Person["operator"]>, words: string): Rule {
  if (!cell("Other systems and operators", name, "may").includes(words)) throw new Error(`roles.md: ${name}: ${words}`);
  return ({ person }) => person.operator === name;
}

type ContactLevel = keyof (typeof tables)["A colleague and a contact"]["rows"];

/** The colleague's level for the contact that it is about. (roles.md, "A colleague and a contact") */
function contactLevel(ask: Ask): ContactLevel {
  const { person, setting, subject } = ask;
  const { contact } = subject;
  if (contact === undefined || !colleague(ask)) return "none";
  const direct = person.holds.find((held) => "contact" in held && held.contact === contact);
  if (direct) return directLevels[direct.role as keyof typeof directLevels];
  const inProjects = contactProjects[contact];
  const isRedacted = setting.redacted && inProjects.length > 0;
  if (person.holds.some(({ role }) => role === "admin") && !isRedacted) return "post updates";
  const on = (role: RoleName) => inProjects.some((project) => holds(role)({ ...ask, subject: { project } }));
  if (on("manager") || on("reporter") || (on("folder_manager") && !isRedacted)) return "post updates";
  return on("observer") ? "profile only" : "none";
}

const directLevels = {
  contact_updates: "post updates",
  contact_profile: "profile only",
  contact_headline: "headline only",
  contact_none: "none",
} as const;

/** A column of the levels' table. */
export function contactColumn(column: (typeof tables)["A colleague and a contact"]["columns"][number]): Rule {
  return (ask) => cell("A colleague and a contact", contactLevel(ask), column) === "yes";
}

type ParticipantRow = keyof (typeof tables)["A participant"]["rows"];

/** A row of the participants' table, for the person's own participation while it is active. */
export function participantRow(row: ParticipantRow): Rule {
  return ({ person, subject }) => {
    const own = person.participant;
    if (own === undefined || (subject.participation ?? subject.contact) !== own) return false;
    const { level: column, isActive } = participations[own];
    return isActive && cell("A participant", row, column) === "yes";
  };
}

/** One's own participation, also a paused or ended one. */
export const ownParticipation: Rule = ({ person, subject }) =>
  person.participant !== undefined && subject.participation === person.participant;

/** "Only if both participations are active in the same project with peer review on." */
export const peers: Rule = ({ person, subject: { participation } }) => {
  if (person.participant === undefined || participation === undefined || participation === "far") return false;
  if (participation === person.participant) return false;
  return [person.participant, participation].every(
    (one) => participations[one].isActive && participations[one].peerReview,
  );
};

/**
 * Redacted access: rights of admins, derived folder rights and service accounts reach no personal data of the organisation's
 * projects; a service account does by a direct manager's consent, whatever its creator is there.
 */
export function personal(rule: Rule): Rule {
  return (ask) => {
    const { setting, subject, person } = ask;
    const inProjects = [
      ...(subject.project === undefined ? [] : [subject.project]),
      ...(subject.contact === undefined ? [] : contactProjects[subject.contact]),
    ];
    if (!setting.redacted || inProjects.length === 0) return rule(ask);
    if (person.account) {
      const { consents } = person.account;
      return (
        inProjects.every((project) => consents.includes(project)) &&
        rule({ ...ask, setting: { ...setting, redacted: false } })
      );
    }
    const left = person.holds.filter(({ role }) => role !== "admin" && role !== "folder_manager");
    return rule({ ...ask, person: { ...person, holds: left } });
  };
}

/** "Never more than its creator holds now; never billing or roles": of a service account both it and its creator have to. */
export function held(rule: Rule, { forPeople }: { forPeople: boolean }): Rule {
  return (ask) => {
    const { account } = ask.person;
    if (account === undefined) return rule(ask);
    const creator = people.find(({ name }) => name === account.creator);
    if (!creator) throw new Error(`nobody is called ${account.creator}`);
    return !forPeople && rule(ask) && rule({ ...ask, person: { ...creator, account } });
  };
}
