import fc from "fast-check";
import { compile } from "../src/compile.ts";
import type { HeldRole, ParticipantRights, ProjectPlace, RecordScope, Switches } from "../src/facts.ts";
import { allRoles, type Role } from "../src/roles.ts";
import { placesOf } from "./people.ts";

// Small worlds of few ids, so that roles and records often meet.

const organisations = ["org_a", "org_b"];
export const projectIds = ["prj_1", "prj_2", "prj_3"];
const folderIds = ["fld_1", "fld_2"];
const contactIds = ["con_1", "con_2", "con_self"];
const participationIds = ["par_1", "par_2", "par_self"];
const userIds = ["usr_self", "usr_other"];
const scopeIds: Record<string, readonly string[]> = {
  organisation: organisations,
  folder: folderIds,
  project: projectIds,
  board: ["brd_1", "brd_2"],
  album: ["alb_1"],
  event: ["evt_1"],
  contact: contactIds,
};

const place: fc.Arbitrary<ProjectPlace> = fc
  .record({
    organisationId: fc.constantFrom("org_a", "org_a", "org_a", "org_b"),
    folderId: fc.option(fc.constantFrom(...folderIds), { nil: undefined }),
    status: fc.constantFrom(
      "draft" as const,
      "published" as const,
      "published" as const,
      "archived" as const,
      "deleted" as const,
    ),
    visibility: fc.constantFrom("public" as const, "registered" as const, "groups" as const, "people" as const),
  })
  .map(({ folderId, ...rest }) => (folderId === undefined ? rest : { ...rest, folderId }));

/** A project may be missing: the view of places comes after the project itself. */
const places = fc.dictionary(fc.constantFrom(...projectIds), place, { minKeys: 2 }).map((all) => placesOf({ ...all }));

const participant: fc.Arbitrary<ParticipantRights> = fc.record({
  participationId: fc.constantFrom(...participationIds),
  contactId: fc.constantFrom(...contactIds),
  boardId: fc.constantFrom("brd_1", "brd_2"),
  level: fc.constantFrom("see" as const, "share" as const, "discuss" as const),
  peerReview: fc.boolean(),
  state: fc.constantFrom("active" as const, "active" as const, "paused" as const, "ended" as const),
});

const partRoles = ["board_", "album_", "event_"];

function scopeOf(role: Role): readonly string[] {
  const kind = role.slice(0, role.indexOf("_"));
  if (role === "participant" || ["manager", "reporter", "observer"].includes(role)) return projectIds;
  if (["admin", "creator", "member"].includes(role)) return organisations;
  return scopeIds[kind] ?? ["platform"];
}

/** The roles whose rules have the most conditions come more often. */
const oftenAsked: readonly Role[] = [
  "participant",
  "participant",
  "participant",
  "folder_manager",
  "manager",
  "observer",
  "member",
  "admin",
  "admin",
];

export const heldRole: fc.Arbitrary<HeldRole> = fc
  .constantFrom(...allRoles, ...oftenAsked, ...oftenAsked)
  .chain((role) =>
    fc
      .record({ scope: fc.constantFrom(...scopeOf(role)), projectId: fc.constantFrom(...projectIds), participant })
      .map(({ scope, projectId, participant: rights }): HeldRole => {
        const held = { grantId: "grn", role, scope };
        if (role === "participant") return { ...held, projectId: scope, participant: rights };
        return partRoles.some((prefix) => role.startsWith(prefix)) ? { ...held, projectId } : held;
      }),
  );

export const switches: fc.Arbitrary<Switches> = fc.record({
  managersGiveRoles: fc.boolean(),
  creatorsCreateProjects: fc.boolean(),
  contactCreators: fc.subarray(["admin", "creator", "member", "manager", "reporter", "observer"]),
  redactedAccess: fc.boolean(),
  visitorsSeeProjects: fc.boolean(),
});

export const caller = fc
  .record({
    live: fc.array(heldRole, { minLength: 1, maxLength: 5 }),
    switches,
    places,
    withheld: fc.oneof({ weight: 9, arbitrary: fc.subarray(projectIds) }, fc.constant("unknown" as const)),
    organisationId: fc.constantFrom("org_a", "org_a", "org_a", "org_a", "platform"),
  })
  .chain((input) =>
    // One in three is a service account, held to what its creator holds.
    fc
      .option(fc.array(heldRole, { minLength: 1, maxLength: 5 }), { freq: 2, nil: undefined })
      .map((live) => ({ ...input, ...(live && { creator: { userId: "usr_maker", live, withheld: [] } }) })),
  )
  .map((input) => compile({ userId: "usr_self", ...input }));

export const record: fc.Arbitrary<RecordScope> = fc.record(
  {
    organisationId: fc.constantFrom("org_a", "org_a", "org_a", "org_b", "platform"),
    folderId: fc.constantFrom(...folderIds),
    projectId: fc.constantFrom(...projectIds),
    boardId: fc.constantFrom("brd_1", "brd_2"),
    albumId: fc.constant("alb_1"),
    eventId: fc.constant("evt_1"),
    contactId: fc.constantFrom(...contactIds),
    contactProjectIds: fc.subarray(projectIds),
    contactUserId: fc.constantFrom(...userIds),
    participationId: fc.constantFrom(...participationIds),
    peerReview: fc.boolean(),
    staffOnly: fc.boolean(),
    ownerId: fc.constantFrom(...userIds),
  },
  { requiredKeys: ["organisationId"] },
);
