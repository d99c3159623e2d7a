import { describe, expect, it } from "vitest";
import { may, mayAnywhere } from "../src/decide.ts";
import type { ParticipantRights, RecordScope } from "../src/facts.ts";
import { organisationId, person, role, takesPart } from "./people.ts";

const inProject = { organisationId, projectId: "prj_loose" };
const self = {
  ...inProject,
  participationId: "par_self",
  contactId: "con_self",
  contactUserId: "usr_self",
  contactProjectIds: ["prj_loose"],
};
/** The same before the account was linked: nothing on it says whose it is. */
const { contactUserId: _account, ...early } = self;
const peer = {
  ...inProject,
  participationId: "par_peer",
  contactId: "con_peer",
  contactUserId: "usr_peer",
  contactProjectIds: ["prj_loose"],
  ownerId: "usr_peer",
};

const records = {
  participation: { ...self, ownerId: "usr_staff" },
  ownPost: { ...self, ownerId: "usr_self" },
  onBehalf: { ...self, ownerId: "usr_staff" },
  staffComment: { ...self, ownerId: "usr_staff" },
  note: { ...self, ownerId: "usr_staff", staffOnly: true },
  looseNote: {
    organisationId,
    contactId: "con_self",
    contactUserId: "usr_self",
    ownerId: "usr_staff",
    staffOnly: true,
  },
  forgedNote: { ...self, ownerId: "usr_self", staffOnly: true },
  earlyNote: { ...early, ownerId: "usr_staff", staffOnly: true },
  earlyLooseNote: { organisationId, contactId: "con_self", ownerId: "usr_staff", staffOnly: true },
  earlyForgedNote: { ...early, ownerId: "usr_self", staffOnly: true },
  contact: { organisationId, contactId: "con_self", contactUserId: "usr_self", contactProjectIds: ["prj_loose"] },
  peerContact: { organisationId, contactId: "con_peer", contactUserId: "usr_peer", contactProjectIds: ["prj_loose"] },
  peerPost: { ...peer, peerReview: true },
  peerNote: { ...peer, peerReview: true, staffOnly: true },
  closedPost: peer,
  farPeerPost: { ...peer, projectId: "prj_other", peerReview: true },
  ownCommentOnPeer: { ...peer, ownerId: "usr_self" },
  project: inProject,
  organisation: { organisationId },
} satisfies Record<string, RecordScope>;

type Kind = Partial<ParticipantRights>;
const see: Kind = { level: "see" };
const share: Kind = { level: "share" };
const discuss: Kind = { level: "discuss" };
const paused: Kind = { level: "discuss", state: "paused", peerReview: true };
const ended: Kind = { level: "discuss", state: "ended", peerReview: true };
const columns: [string, Kind][] = [
  ["see", see],
  ["share", share],
  ["discuss", discuss],
  ["peer see", { ...see, peerReview: true }],
  ["peer discuss", { ...discuss, peerReview: true }],
  ["paused", paused],
  ["ended", ended],
];

// permission, record: see, share, discuss, peer see, peer discuss, paused, ended
const y = true;
const n = false;
const lines: [string, keyof typeof records, ...boolean[]][] = [
  ["participation.read_own", "participation", y, y, y, y, y, y, y],
  ["board.read_own", "participation", y, y, y, y, y, n, n],
  ["post.create", "participation", n, y, y, n, y, n, n],
  ["post.read", "ownPost", y, y, y, y, y, y, y],
  ["export.read_own", "ownPost", y, y, y, y, y, y, y],
  ["export.read_own", "onBehalf", n, n, n, n, n, n, n],
  ["post.read", "onBehalf", y, y, y, y, y, n, n],
  ["post.comment", "ownPost", n, n, y, n, y, n, n],
  ["comment.read", "staffComment", n, n, y, n, y, n, n],
  ["timeline.read", "contact", y, y, y, y, y, n, n],
  ["timeline.read", "peerContact", n, n, n, n, n, n, n],
  ["timeline.read", "note", n, n, n, n, n, n, n],
  ["timeline.read", "looseNote", n, n, n, n, n, n, n],
  ["post.read", "note", n, n, n, n, n, n, n],
  ["post.read", "forgedNote", n, n, n, n, n, n, n],
  ["comment.read", "note", n, n, n, n, n, n, n],
  ["post.read", "earlyNote", n, n, n, n, n, n, n],
  ["comment.read", "earlyNote", n, n, n, n, n, n, n],
  ["timeline.read", "earlyLooseNote", n, n, n, n, n, n, n],
  ["post.read", "earlyForgedNote", n, n, n, n, n, n, n],
  ["note.create", "contact", n, n, n, n, n, n, n],
  ["contact.read", "contact", n, n, n, n, n, n, n],
  ["contact.read", "peerContact", n, n, n, n, n, n, n],
  ["participation.read", "participation", n, n, n, n, n, n, n],
  ["participation.read", "project", n, n, n, n, n, n, n],
  ["post.read", "peerPost", n, n, n, y, y, n, n],
  ["comment.read", "peerPost", n, n, n, y, y, n, n],
  ["post.comment", "peerPost", n, n, n, n, y, n, n],
  ["rank.read", "peerPost", n, n, n, y, y, n, n],
  ["tip.read", "peerPost", n, n, n, y, y, n, n],
  ["post.read", "peerNote", n, n, n, n, n, n, n],
  ["post.read", "closedPost", n, n, n, n, n, n, n],
  ["comment.read", "closedPost", n, n, n, n, n, n, n],
  ["post.read", "farPeerPost", n, n, n, n, n, n, n],
  ["participation.read_own", "closedPost", n, n, n, n, n, n, n],
  ["comment.read", "ownCommentOnPeer", y, y, y, y, y, y, y],
  ["tip.read", "project", y, y, y, y, y, n, n],
  ["tip.create", "project", n, y, y, n, y, n, n],
  ["tip.discuss", "project", n, n, y, n, y, n, n],
  ["project.read", "project", y, y, y, y, y, n, n],
  ["project.edit", "project", n, n, n, n, n, n, n],
  ["board.read", "project", n, n, n, n, n, n, n],
  ["progress_setup.read", "project", n, n, n, n, n, n, n],
  ["aggregate.read", "project", n, n, n, n, n, n, n],
  ["people.read", "project", n, n, n, n, n, n, n],
  ["organisation.read", "organisation", n, n, n, n, n, n, n],
  ["contact_field.read", "organisation", n, n, n, n, n, n, n],
  ["colleague.list", "organisation", n, n, n, n, n, n, n],
  ["billing.read", "organisation", n, n, n, n, n, n, n],
  ["event_stream.read", "organisation", y, y, y, y, y, y, y],
];

describe("[R8] [G6] [C5] a participant", () => {
  it.each(lines)("%s on %s", (permission, record, ...expected) => {
    const answers = columns.map(([, rights]) =>
      may(person([takesPart("prj_loose", rights)]), permission, records[record]),
    );
    expect(answers).toEqual(expected);
  });

  it("without a participation sees none of it", () => {
    const caller = person([role("member", organisationId)]);
    for (const [permission, record] of lines) {
      if (record === "organisation") continue;
      expect(may(caller, permission, records[record])).toBe(false);
    }
  });

  it("has no rights from a role without its participation", () => {
    const caller = person([role("participant", "prj_loose")]);
    expect(may(caller, "participation.read_own", records.participation)).toBe(false);
    expect(may(caller, "post.create", records.participation)).toBe(false);
    expect(mayAnywhere(caller, "participation.read_own")).toBe(false);
  });

  it("sees a project for its own people once it is published, and not before", () => {
    for (const [projectId, seen] of [
      ["prj_loose", true],
      ["prj_begun", false],
    ] as const)
      expect(may(person([takesPart(projectId)]), "project.read", { organisationId, projectId })).toBe(seen);
  });

  it("keeps level and peer review apart for each participation", () => {
    const caller = person([
      takesPart("prj_loose", { participationId: "par_self", level: "see", peerReview: true }),
      takesPart("prj_other", { participationId: "par_two", contactId: "con_two", level: "discuss", peerReview: false }),
    ]);
    expect(may(caller, "post.comment", records.ownPost)).toBe(false);
    expect(
      may(caller, "post.comment", { ...records.ownPost, projectId: "prj_other", participationId: "par_two" }),
    ).toBe(true);
    expect(may(caller, "post.comment", records.peerPost)).toBe(false);
    expect(may(caller, "post.read", records.peerPost)).toBe(true);
    expect(may(caller, "post.read", records.farPeerPost)).toBe(false);
  });

  it("[C5] who is staff as well still reads no note about themselves", () => {
    const caller = person([takesPart("prj_loose"), role("manager", "prj_loose"), role("admin", organisationId)]);
    expect(may(caller, "timeline.read", records.note)).toBe(false);
    expect(may(caller, "timeline.read", records.looseNote)).toBe(false);
    expect(may(caller, "post.read", records.ownPost)).toBe(true);
  });

  it("of a deleted project reads nothing", () => {
    const caller = person([takesPart("prj_deleted")]);
    const deleted = { projectId: "prj_deleted" };
    expect(may(caller, "participation.read_own", { ...records.participation, ...deleted })).toBe(false);
    expect(may(caller, "post.read", { ...records.ownPost, ...deleted })).toBe(false);
  });
});
