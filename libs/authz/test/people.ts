import type { UserCaller } from "../src/caller.ts";
import { compile } from "../src/compile.ts";
import type { HeldRole, ParticipantRights, Places, ProjectPlace, RecordScope, Switches } from "../src/facts.ts";
import { presets } from "../src/policy.ts";
import type { Role } from "../src/roles.ts";

export const organisationId = "org_a";

/** Projects of the tests, by what matters of them. */
const projects: Record<string, ProjectPlace> = {
  prj_draft: { organisationId, folderId: "fld_one", status: "draft", visibility: "public" },
  prj_public: { organisationId, folderId: "fld_two", status: "published", visibility: "public" },
  prj_loose: { organisationId, status: "published", visibility: "people" },
  prj_other: { organisationId, folderId: "fld_two", status: "published", visibility: "people" },
  prj_groups: { organisationId, status: "published", visibility: "groups" },
  prj_begun: { organisationId, status: "draft", visibility: "people" },
  prj_deleted: { organisationId, folderId: "fld_one", status: "deleted", visibility: "public" },
  prj_elsewhere: { organisationId: "org_b", status: "published", visibility: "public" },
};

export function placesOf(all: Record<string, ProjectPlace>): Places {
  const where = (test: (place: ProjectPlace) => boolean): string[] =>
    Object.entries(all).flatMap(([projectId, place]) => (test(place) ? [projectId] : []));
  return {
    project: (projectId) => all[projectId],
    projectsIn: (folderId) => where((place) => place.folderId === folderId),
    deletedProjects: (of) => where(({ organisationId, status }) => organisationId === of && status === "deleted"),
    openProjects: (of) =>
      where(
        ({ organisationId, status, visibility }) =>
          organisationId === of && status === "published" && (visibility === "public" || visibility === "registered"),
      ),
  };
}

export const places = placesOf(projects);

export function role(name: Role, scope: string, projectId?: string): HeldRole {
  const held: HeldRole = { grantId: `grn_${name}_${scope}`, role: name, scope };
  return projectId === undefined ? held : { ...held, projectId };
}

export function takesPart(projectId: string, rights: Partial<ParticipantRights> = {}): HeldRole {
  const participant: ParticipantRights = {
    participationId: "par_self",
    contactId: "con_self",
    boardId: "brd_one",
    level: "discuss",
    peerReview: false,
    state: "active",
    ...rights,
  };
  return { ...role("participant", projectId, projectId), participant };
}

export function person(live: readonly HeldRole[], switches: Partial<Switches> = {}): UserCaller {
  return compile({ userId: "usr_self", organisationId, live, switches: { ...presets.charity, ...switches }, places });
}

/** One person of each kind. Where a role is on a project it is prj_draft, which lies in fld_one. */
export const kinds: Record<string, readonly HeldRole[]> = {
  nobody: [],
  participant: [takesPart("prj_draft")],
  member: [role("member", organisationId)],
  creator: [role("creator", organisationId)],
  observer: [role("observer", "prj_draft")],
  reporter: [role("reporter", "prj_draft")],
  manager: [role("manager", "prj_draft")],
  folder: [role("folder_manager", "fld_one")],
  admin: [role("admin", organisationId)],
  other: [role("manager", "prj_other")],
  boardAdmin: [
    role("member", organisationId),
    role("board_admin", "brd_one", "prj_draft"),
    role("contact_updates", "con_client"),
  ],
  boardMember: [
    role("member", organisationId),
    role("board_member", "brd_one", "prj_draft"),
    role("contact_updates", "con_client"),
  ],
  albumManager: [role("album_manager", "alb_one", "prj_draft")],
  albumMember: [role("album_member", "alb_one", "prj_draft")],
  eventManager: [role("event_manager", "evt_one", "prj_draft")],
  eventWorker: [role("event_worker", "evt_one", "prj_draft")],
};

const inDraft = { organisationId, projectId: "prj_draft" };
const client = { contactId: "con_client", contactProjectIds: ["prj_draft"], contactUserId: "usr_client" };

/** Records of each kind; those of a project belong to prj_draft. */
export const records = {
  organisation: { organisationId },
  folder: { organisationId, folderId: "fld_one" },
  otherFolder: { organisationId, folderId: "fld_two" },
  draft: inDraft,
  public: { organisationId, projectId: "prj_public" },
  loose: { organisationId, projectId: "prj_loose" },
  groups: { organisationId, projectId: "prj_groups" },
  publicNote: { organisationId, projectId: "prj_public", staffOnly: true },
  deleted: { organisationId, projectId: "prj_deleted" },
  board: { ...inDraft, boardId: "brd_one" },
  otherBoard: { ...inDraft, boardId: "brd_two" },
  album: { ...inDraft, albumId: "alb_one" },
  ownItem: { ...inDraft, albumId: "alb_one", ownerId: "usr_self" },
  othersItem: { ...inDraft, albumId: "alb_one", ownerId: "usr_other" },
  event: { ...inDraft, eventId: "evt_one" },
  otherEvent: { ...inDraft, eventId: "evt_two" },
  contact: { organisationId, ...client },
  strayContact: { organisationId, contactId: "con_stray", contactProjectIds: [] },
  otherContact: { organisationId, contactId: "con_far", contactProjectIds: ["prj_other"] },
  sharedContact: { organisationId, contactId: "con_shared", contactProjectIds: ["prj_draft", "prj_other"] },
  participation: { ...inDraft, ...client, boardId: "brd_one", participationId: "par_client" },
  post: { ...inDraft, ...client, boardId: "brd_one", participationId: "par_client", ownerId: "usr_client" },
  note: { ...inDraft, ...client, staffOnly: true, ownerId: "usr_staff" },
  looseNote: { organisationId, ...client, staffOnly: true, ownerId: "usr_staff" },
} satisfies Record<string, RecordScope>;

export type RecordName = keyof typeof records;

export interface Line {
  permission: string;
  record: RecordName;
  kinds: readonly string[];
  allowed: readonly string[];
}

/** Reads a table: a head with kinds of people, then per line a permission, a record, and yes or a dash for each of them. */
export function linesOf(table: string): Line[] {
  const [head = "", ...lines] = table.trim().split("\n");
  const [, ...names] = head.trim().split(/\s+/);
  for (const name of names) if (!(name in kinds)) throw new Error(`nobody is ${name}`);
  return lines.map((line) => {
    const [permission = "", record = "", ...cells] = line.trim().split(/\s+/);
    if (cells.length !== names.length) throw new Error(`the line does not fit the head: ${line}`);
    if (!(record in records)) throw new Error(`no record ${record}`);
    if (cells.some((cell) => cell !== "yes" && cell !== "-")) throw new Error(`neither yes nor a dash: ${line}`);
    return {
      permission,
      record: record as RecordName,
      kinds: names,
      allowed: names.filter((_, at) => cells[at] === "yes"),
    };
  });
}
