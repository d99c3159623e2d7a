// The people of the matrix and the world they act in, by name: every organisation has the same.

/** Of the settings of roles.md: a preset, with redacted access or without. */
export interface Setting {
  name: string;
  preset: "charity" | "civic";
  redacted: boolean;
}

export const settings: readonly Setting[] = [
  { name: "charity", preset: "charity", redacted: false },
  { name: "charity, redacted", preset: "charity", redacted: true },
  { name: "civic", preset: "civic", redacted: false },
  { name: "civic, redacted", preset: "civic", redacted: true },
];

export type FolderName = "own" | "sibling";
export type ProjectName = "own" | "open" | "draft" | "withheld" | "sibling" | "outside";
export type ContactName = "client" | "far" | "loose" | ParticipantName;
export type ParticipantName = "see" | "share" | "discuss" | "peer" | "ended";
export type PartName = "own" | "sibling";

/** Roles of the people lie on what is called "own", or around it. */
export const projects: Record<ProjectName, { folder?: FolderName; status: "draft" | "published"; isOpen: boolean }> = {
  own: { folder: "own", status: "published", isOpen: false },
  open: { folder: "own", status: "published", isOpen: true },
  draft: { folder: "own", status: "draft", isOpen: false },
  // The folder's manager was taken the right that they derive for it.
  withheld: { folder: "own", status: "published", isOpen: false },
  sibling: { folder: "sibling", status: "published", isOpen: false },
  outside: { status: "published", isOpen: false },
};

/** The projects that a contact is in. */
export const contactProjects: Record<ContactName, readonly ProjectName[]> = {
  client: ["own"],
  far: ["sibling"],
  loose: [],
  see: ["own"],
  share: ["own"],
  discuss: ["own"],
  peer: ["own"],
  ended: ["own"],
};

export interface Participation {
  level: "see" | "share" | "discuss";
  peerReview: boolean;
  isActive: boolean;
}

/** All of them are on the board of the project "own". */
export const participations: Record<ParticipantName, Participation> = {
  see: { level: "see", peerReview: false, isActive: true },
  share: { level: "share", peerReview: false, isActive: true },
  discuss: { level: "discuss", peerReview: true, isActive: true },
  peer: { level: "share", peerReview: true, isActive: true },
  ended: { level: "discuss", peerReview: true, isActive: false },
};

export type Holding =
  | { role: "admin" | "creator" | "member" }
  | { role: "folder_manager"; folder: FolderName }
  | { role: "manager" | "reporter" | "observer"; project: ProjectName }
  | { role: "board_admin" | "board_member"; board: PartName }
  | { role: "album_manager" | "album_member"; album: PartName }
  | { role: "event_manager" | "event_worker"; event: PartName }
  | { role: "contact_updates" | "contact_profile" | "contact_headline" | "contact_none"; contact: ContactName };

export type RoleName = Holding["role"];

/** One person of each kind; whoever is in an organisation is in each of them, and holds the same there. */
export interface Person {
  name: string;
  token: "none" | "account" | "organisation" | "platform";
  holds: readonly Holding[];
  /** What they held once: it was taken from them, or its date is over. */
  held?: { roles: readonly Holding[]; how: "taken" | "expired" };
  /** The project that a contributor follows. */
  follows?: ProjectName;
  participant?: ParticipantName;
  operator?: "platform operator" | "billing operator (platform)";
  /** No person but another system; each organisation has its own. */
  account?: ServiceAccount;
}

export interface ServiceAccount {
  /** The person who made it, by name. */
  creator: string;
  /** The projects whose direct manager consented that it reads what redacted access hides. */
  consents: readonly ProjectName[];
}

function holder(name: string, ...holds: Holding[]): Person {
  return { name, token: "organisation", holds };
}

function system(name: string, account: ServiceAccount, ...holds: Holding[]): Person {
  return { name, token: "organisation", holds, account };
}

function participant(name: ParticipantName): Person {
  return { name: `participant (${name})`, token: "organisation", holds: [], participant: name };
}

const member: Holding = { role: "member" };

export const people: readonly Person[] = [
  { name: "visitor", token: "none", holds: [] },
  { name: "person with a token for their account", token: "account", holds: [] },
  holder("registered user"),
  // A level for a contact is a colleague's; whoever is none has nothing by it.
  holder("registered user with a level", { role: "contact_headline", contact: "client" }),
  { ...holder("contributor"), follows: "open" },
  holder("admin", { role: "admin" }),
  holder("project creator", { role: "creator" }),
  holder("member", member),
  holder("folder manager", { role: "folder_manager", folder: "own" }),
  holder("manager", { role: "manager", project: "own" }),
  holder("reporter", { role: "reporter", project: "own" }),
  holder("observer", { role: "observer", project: "own" }),
  holder("board admin", { role: "board_admin", board: "own" }),
  holder("board member", { role: "board_member", board: "own" }),
  holder(
    "board admin of the sibling, managing",
    { role: "manager", project: "own" },
    { role: "board_admin", board: "sibling" },
  ),
  holder(
    "board member with a contact",
    member,
    { role: "board_member", board: "own" },
    { role: "contact_updates", contact: "discuss" },
  ),
  holder("album manager", { role: "album_manager", album: "own" }),
  holder("album member", { role: "album_member", album: "own" }),
  holder("event manager", { role: "event_manager", event: "own" }),
  holder("event worker", { role: "event_worker", event: "own" }),
  holder("member, post updates", member, { role: "contact_updates", contact: "client" }),
  holder("member, profile only", member, { role: "contact_profile", contact: "client" }),
  holder("member, headline only", member, { role: "contact_headline", contact: "client" }),
  holder(
    "observer, lowered to none",
    { role: "observer", project: "own" },
    { role: "contact_none", contact: "client" },
    { role: "contact_none", contact: "discuss" },
  ),
  { ...holder("manager until yesterday"), held: { roles: [{ role: "manager", project: "own" }], how: "expired" } },
  { ...holder("former admin"), held: { roles: [{ role: "admin" }], how: "taken" } },
  participant("see"),
  participant("share"),
  participant("discuss"),
  participant("peer"),
  participant("ended"),
  { name: "platform operator", token: "platform", holds: [], operator: "platform operator" },
  { name: "billing operator", token: "platform", holds: [], operator: "billing operator (platform)" },
  system("service account of the organisation", { creator: "admin", consents: [] }, { role: "admin" }),
  system("service account of a project", { creator: "admin", consents: [] }, { role: "manager", project: "own" }),
  system(
    "service account with a manager's consent",
    { creator: "admin", consents: ["own"] },
    { role: "reporter", project: "own" },
    { role: "reporter", project: "sibling" },
  ),
  system("service account of a former admin", { creator: "former admin", consents: ["own"] }, { role: "admin" }),
];
