import type { Switches } from "./facts.ts";
import { colleagueRoles } from "./roles.ts";
import { anyone, atLevel, held, type PermissionEntry, participant, type Rule, whenOn } from "./rule.ts";

// THE table: every permission, and who holds it on what. Tests hold it against roles.md cell by cell; docs/reference/roles.md
// is rendered from it. Whatever is not written here is refused.

/** The switches with which an organisation starts. (roles.md, "Two presets") */
export const presets = {
  charity: {
    managersGiveRoles: true,
    creatorsCreateProjects: true,
    contactCreators: ["admin", "creator", "manager", "reporter"],
    redactedAccess: false,
    visitorsSeeProjects: false,
  },
  civic: {
    managersGiveRoles: false,
    creatorsCreateProjects: false,
    contactCreators: ["admin", "manager"],
    redactedAccess: false,
    visitorsSeeProjects: true,
  },
} as const satisfies Record<string, Switches>;

const admin = held("organisation", "admin");
/** Derived: whoever manages the folder manages every project in it, unless the right was withheld for that project. (R3, R16) */
const folderManager = held("project_folder", "folder_manager");
const manager = held("project", "manager");
const reporter = held("project", "reporter");
const observer = held("project", "observer");
const boardAdmin = held("board", "board_admin");
const boardMember = held("board", "board_member");

const editors: readonly Rule[] = [admin, manager, folderManager];
const reporters: readonly Rule[] = [...editors, reporter];
const team: readonly Rule[] = [...reporters, observer];

const platformOperator = [held("platform", "platform_operator")];
const billingOperator = [held("platform", "billing_operator")];
const colleagues = [held("somewhere", ...colleagueRoles)];
const seesProject: readonly Rule[] = [...team, participant("people_project"), anyone("open_project")];

const own = participant("own_participation");
const ownWriting: Rule = { ...participant("own_writing"), anyState: true };
const ownDiscussed = participant("own_participation", "discuss");
const peer = participant("peer");
const peerDiscussed = participant("peer", "discuss");

/** Whoever may give roles in a project: by the switch; with redacted access only by a direct grant, whatever the switch. (R15, R12) */
const rolesInProject: readonly Rule[] = [
  ...whenOn(["managersGiveRoles", "redactedAccess"], [manager]),
  { ...folderManager, when: ["managersGiveRoles"], unless: "redactedAccess" },
  held("project_of_part", "manager", "folder_manager"),
  { ...boardAdmin, unless: "redactedAccess" },
  { ...held("album", "album_manager"), unless: "redactedAccess" },
  { ...held("event", "event_manager"), unless: "redactedAccess" },
  { ...held("contact_project", "manager", "folder_manager"), level: "updates" },
];
const scopes = ["contact.read", "board.read", "album.read", "event.read", "project.read", "folder.read"];

// biome-ignore format: a table is read line by line.
export const policy = {
  // The platform: no personal data, no content. (X7, B7)
  "organisation.create": { is: "create organisations", holders: platformOperator },
  "organisation.list": { is: "see organisations' names and counts", holders: [...platformOperator, ...billingOperator] },
  "organisation.invite_first_admin": { is: "invite an organisation's first admin", holders: platformOperator },
  "organisation.suspend": { is: "suspend an organisation", holders: platformOperator },
  "organisation.export": { is: "export an organisation", holders: platformOperator },
  "organisation.close": { is: "close an organisation", holders: platformOperator },
  "organisation_export.read": { is: "read an export of the organisation that an operator opened", holders: [admin], personal: true, peopleOnly: true },
  "order.confirm": { is: "confirm an order of credits", holders: billingOperator },
  "ledger.correct": { is: "correct a ledger", holders: billingOperator },

  // The organisation. (R1, R13, B7)
  "organisation.read": { is: "see the organisation and its preferences", holders: colleagues },
  "organisation.edit": { is: "change preferences and switches", holders: [admin], peopleOnly: true },
  "colleague.list": { is: "see the colleagues with their roles", holders: [admin], peopleOnly: true },
  "audit.read": { is: "read the audit trail", holders: [admin] },
  "access.explain": { is: "ask whether somebody may do something, and why: admins about anyone, everybody about themselves", holders: [admin, anyone("owner")] },
  "billing.read": { is: "see the balance, the ledger and the orders", holders: [admin], peopleOnly: true },
  "billing.order": { is: "order credits", holders: [admin], peopleOnly: true },
  "users.read": { is: "see the users list with activity", holders: [admin], personal: true },
  "smart_group.edit": { is: "define smart groups", holders: [admin], personal: true },
  "branding.edit": { is: "change branding and the home page", holders: [admin] },
  "dashboard.read": { is: "see the organisation's dashboards", holders: [admin] },
  "input.manage_all": { is: "use the global input manager", holders: [admin] },
  "service_account.create": { is: "create service accounts", holders: [admin], peopleOnly: true },
  "service_account.read": { is: "see the service accounts", holders: [admin], peopleOnly: true },
  "service_account.edit": { is: "change service accounts and their credentials, revoke them", holders: [admin], peopleOnly: true },
  "service_account.consent": { is: "let a service account read a project's redacted data, and stop that", holders: [manager], personal: true, seenBy: ["project.read"], peopleOnly: true },
  "contact_field.read": { is: "see which custom fields contacts have", holders: colleagues },
  "contact_field.edit": { is: "define custom fields of contacts", holders: [admin] },
  "event_stream.read": { is: "watch what happens of what they may see", holders: [...colleagues, held("somewhere", "participant", "board_admin", "board_member", "album_manager", "album_member", "event_manager", "event_worker")] },
  "notification.read_own": { is: "read their own notifications", holders: [anyone("owner")] },

  // Roles: the record is the scope that the role is held on. (R11, R15, R18)
  "role.give": { is: "give a role on a scope, or a level for a contact", holders: [admin, ...rolesInProject], personal: true, seenBy: scopes, peopleOnly: true },
  "role.take": { is: "take a role on a scope, or a level for a contact", holders: [{ ...admin, evenRedacted: true, evenDeleted: true }, ...rolesInProject], personal: true, seenBy: scopes, peopleOnly: true },
  "folder_right.withhold": { is: "take the derived manager right for one project, give it back", holders: [admin], seenBy: ["project.read"], peopleOnly: true },

  // Folders and projects. (P1, P2, P6, R17)
  "folder.create": { is: "create a folder", holders: [admin] },
  "folder.read": { is: "see a folder", holders: [admin, held("folder", "folder_manager"), held("project_in_folder", "manager", "reporter", "observer"), anyone("folder_of_open_project")] },
  "folder.edit": { is: "edit a folder", holders: [admin, held("folder", "folder_manager")] },
  "folder.delete": { is: "delete a folder, restore it", holders: [admin] },
  "project.create": { is: "create a project, in a folder or outside of any", holders: [admin, held("folder", "folder_manager"), { ...held("organisation_itself", "creator"), when: ["creatorsCreateProjects"] }], seenBy: ["folder.read"] },
  "project.read": { is: "see a project; its team in every status, others once it is published", holders: seesProject },
  "project.edit": { is: "edit title, description, phases, access rights; set to draft", holders: editors },
  "project.delete": { is: "delete a project, restore it", holders: [{ ...admin, evenDeleted: true }] },
  "deletion_request.create": { is: "ask the admins to delete a project", holders: editors, seenBy: ["project.read"] },
  "deletion_request.read": { is: "see that the admins were asked to delete a project", holders: editors },
  "deletion_request.withdraw": { is: "take back what the admins were asked", holders: editors },
  "deletion_request.decline": { is: "decline to delete a project", holders: [admin] },
  "project.move": { is: "take a project from where it is (the other end needs project.create)", holders: [admin, folderManager, held("project_outside_folders", "manager")] },
  "project.place": { is: "put a project into its place in the order", holders: [admin, folderManager] },
  "project.follow": { is: "follow a project", holders: seesProject, peopleOnly: true },
  "phase.take_part": { is: "take part in a phase; who is not an editor as far as the phase permits", holders: seesProject, seenBy: ["project.read"] },
  "input.reply": { is: "reply officially to an input, set its status", holders: editors, seenBy: ["project.read"] },
  "insight.read": { is: "see the participants tab, the traffic tab and reports", holders: editors, seenBy: ["project.read"] },
  "team.read": { is: "see who has a role in a project, who gave it and why", holders: editors, seenBy: ["project.read"], peopleOnly: true },
  "aggregate.read": { is: "see a project's aggregates", holders: team, seenBy: ["project.read"] },
  "people.read": { is: "see personal data of the project's people", holders: [...editors, anyone("owner")], personal: true, seenBy: ["project.read"] },
  "voting.export": { is: "export votes: demographics only", holders: editors, seenBy: ["project.read"] },
  "data.export": { is: "export a project's data", holders: editors, personal: true, seenBy: ["project.read"] },
  "message.send_all": { is: "e-mail all people of a project, and only all of them", holders: editors, personal: true, seenBy: ["project.read"] },
  "message.send_group": { is: "e-mail a smart group, or anyone else", holders: [admin], personal: true },

  // Boards, albums and events. (R4, R5, R6, G3, G13, E1, E2, E3)
  "board.create": { is: "create a board", holders: editors },
  "board.read": { is: "see a board with its cards", holders: [...team, boardAdmin, boardMember] },
  "board.edit": { is: "edit a board and its cards", holders: [...editors, boardAdmin] },
  "progress_setup.read": { is: "see the metrics and questions of a project", holders: [...team, held("part_of_project", "board_admin", "board_member")] },
  "album.create": { is: "create an album", holders: editors },
  "album.read": { is: "see an album", holders: [...team, held("album", "album_manager", "album_member")] },
  "album.edit": { is: "edit an album and all its items", holders: [...editors, held("album", "album_manager")] },
  "album_item.create": { is: "add items to an album", holders: [...reporters, held("album", "album_manager", "album_member")], seenBy: ["album.read"] },
  "album_item.delete": { is: "remove items from an album", holders: [...editors, held("album", "album_manager"), { ...held("album", "album_member"), made: true }, { ...reporter, made: true }], seenBy: ["album.read"] },
  "event.create": { is: "add an event", holders: editors },
  "event.read": { is: "see an event", holders: [...seesProject, held("event", "event_manager", "event_worker")] },
  "event.edit": { is: "edit an event", holders: [...editors, held("event", "event_manager")] },
  "event.sign_up": { is: "sign up for an event, as the event permits", holders: seesProject, seenBy: ["event.read"] },
  "sign_up.read": { is: "see the sign-ups of an event by name", holders: [...reporters, held("event", "event_manager", "event_worker")], personal: true, seenBy: ["event.read"] },
  "sign_up.edit": { is: "change the sign-ups of an event", holders: [...editors, held("event", "event_manager")], personal: true, seenBy: ["event.read"] },
  "sign_up.mark": { is: "mark attendance", holders: [...reporters, held("event", "event_manager", "event_worker")], personal: true, seenBy: ["event.read"] },
  "sign_up.export": { is: "export attendees", holders: [...editors, held("event", "event_manager")], personal: true, seenBy: ["event.read"] },

  // Contacts: the level shows how much. (R7, R14, C1)
  "contact.create": { is: "create a contact, in their project or without one", holders: whenOn(["contactCreators"], [held("organisation_itself", "admin", "creator", "member"), folderManager, held("project", "manager", "reporter", "observer")]), personal: true },
  "contact.read": { is: "see a contact, as much as their level shows", holders: atLevel("headline", [held("contact", ...colleagueRoles)]), personal: true },
  "contact.edit": { is: "change a contact", holders: atLevel("updates", [admin, held("contact_project", "manager", "folder_manager"), held("contact_grant", "contact_updates")]), personal: true },
  "contact.delete": { is: "delete a contact", holders: atLevel("updates", [admin, held("every_contact_project", "manager", "folder_manager")]), personal: true },

  // Participations. (C2, C3, R8)
  "participation.create": { is: "enrol a contact", holders: [...editors, boardAdmin], personal: true, seenBy: ["board.read"] },
  "participation.read": { is: "see who takes part", holders: atLevel("headline", [...team, boardAdmin, boardMember]), personal: true, seenBy: ["participation.read_own"] },
  "participation.edit": { is: "change a participation's level and peer review, end it", holders: atLevel("headline", editors), personal: true, seenBy: ["participation.read", "participation.read_own"] },
  "participation.end": { is: "end a participation", holders: atLevel("headline", [...editors, boardAdmin]), personal: true, seenBy: ["participation.read", "participation.read_own"] },
  "participation.invite": { is: "send a participant's invitation again", holders: atLevel("headline", [...editors, boardAdmin]), personal: true, seenBy: ["participation.read", "participation.read_own"] },
  "participation.print_code": { is: "print the code that lets a participant in who has no e-mail address", holders: atLevel("updates", [...editors, boardAdmin]), personal: true, seenBy: ["participation.read", "participation.read_own"], peopleOnly: true },
  "participation.read_own": { is: "see their own participation, in every state", holders: [{ ...own, anyState: true }], personal: true },
  "board.read_own": { is: "see their own question cards, dashboard and charts", holders: [own], personal: true, seenBy: ["participation.read_own"] },
  "export.read_own": { is: "read and export what they wrote themselves", holders: [ownWriting], personal: true },

  // What is logged. A project's entries are for its team and admins, a contact's only at level "updates". (G4 to G8, C4, C5)
  "post.create": { is: "answer a card, post, upload a file: themselves or on behalf of a contact", holders: [...atLevel("updates", [...reporters, boardAdmin, boardMember]), participant("own_participation", "share", "discuss")], personal: true, seenBy: ["participation.read", "participation.read_own"] },
  "post.read": { is: "read a post and its files", holders: [...atLevel("updates", [...team, { ...boardAdmin, made: true }, { ...boardMember, made: true }]), own, ownWriting, peer], personal: true },
  "post.comment": { is: "comment on a post, like it", holders: [...atLevel("updates", reporters), ownDiscussed, peerDiscussed], personal: true },
  "comment.read": { is: "read a comment; a list of comments is filtered by it, too", holders: [...atLevel("updates", team), ownDiscussed, ownWriting, peer], personal: true, seenBy: ["post.read"] },
  "note.create": { is: "write a case note or staff post about a contact", holders: [...atLevel("updates", [held("contact", ...colleagueRoles), ...reporters])].map((rule) => ({ ...rule, aboutOthers: true })), personal: true, seenBy: ["contact.read"] },
  "timeline.read": { is: "read a contact's timeline and staff's notes on it", holders: [...atLevel("updates", [held("contact", ...colleagueRoles), ...team]), participant("own_contact")], personal: true, seenBy: ["contact.read"] },
  "tip.read": { is: "read tips: staff's, their own, and their peers'", holders: [...team, participant("participant_project"), own, ownWriting, peer], personal: true },
  "tip.create": { is: "create a tip", holders: [...reporters, participant("participant_project", "share", "discuss")], personal: true },
  "tip.discuss": { is: "like and discuss a tip", holders: [...reporters, participant("participant_project", "discuss"), ownDiscussed, peerDiscussed], personal: true },
  "rank.read": { is: "see a rank", holders: [...team, own, peer], personal: true },
} as const satisfies Record<string, PermissionEntry>;

export type Permission = keyof typeof policy;

const entries: ReadonlyMap<string, PermissionEntry> = new Map(Object.entries(policy));

/** The table's line of a permission. An unknown one is a programmer's mistake. */
export function entryOf(permission: string): PermissionEntry {
  const entry = entries.get(permission);
  if (!entry) throw new Error(`no permission ${permission} in the policy`);
  return entry;
}
