import { describe, expect, it } from "vitest";
import { contactLevel, may } from "../src/decide.ts";
import type { HeldRole, Switches } from "../src/facts.ts";
import type { ContactLevel } from "../src/roles.ts";
import { organisationId, person, records, role } from "./people.ts";

const manager = role("manager", "prj_draft");
const observer = role("observer", "prj_draft");
const admin = role("admin", organisationId);
const folder = role("folder_manager", "fld_one");
const none = role("contact_none", "con_client");
const headline = role("contact_headline", "con_client");
const updates = role("contact_updates", "con_client");
const redacted = { redactedAccess: true };

const cases: [string, ContactLevel, HeldRole[], Partial<Switches>?][] = [
  ["manager of a project that the contact is in", "updates", [manager]],
  ["reporter of it", "updates", [role("reporter", "prj_draft")]],
  ["observer of it", "profile", [observer]],
  ["observer there, manager elsewhere", "profile", [observer, role("manager", "prj_other")]],
  ["manager elsewhere", "none", [role("manager", "prj_other")]],
  ["manager of the folder", "updates", [folder]],
  ["manager of the folder, redacted", "none", [folder], redacted],
  ["manager of the project and the folder, redacted", "updates", [folder, manager], redacted],
  ["admin", "updates", [admin]],
  ["admin, redacted", "none", [admin], redacted],
  ["admin who observes the project, redacted", "profile", [admin, observer], redacted],
  ["admin with a direct grant, redacted", "headline", [admin, headline], redacted],
  ["admin, lowered", "headline", [admin, headline]],
  ["manager, lowered to the headline", "headline", [manager, headline]],
  ["manager, lowered to nothing", "none", [manager, none]],
  ["manager of the folder, lowered to nothing", "none", [folder, none]],
  ["observer, raised", "updates", [observer, updates]],
  ["member, raised", "updates", [role("member", organisationId), updates]],
  ["raised by one grant and lowered by another", "none", [manager, updates, none]],
  ["lowered by one grant and raised by another", "none", [manager, none, updates]],
  ["a grant on another contact", "profile", [observer, role("contact_updates", "con_far")]],
  ["a grant without any role of a colleague", "none", [updates]],
  ["member", "none", [role("member", organisationId)]],
  ["creator", "none", [role("creator", organisationId)]],
  ["a manager whose project was deleted", "none", [role("manager", "prj_deleted")]],
];

describe("[R7] a colleague's level for a contact", () => {
  it.each(cases)("%s: %s", (_name, level, held, switches) => {
    expect(contactLevel(person(held, switches), records.contact)).toBe(level);
  });

  it("gives nothing in another organisation", () => {
    expect(contactLevel(person([admin]), { ...records.contact, organisationId: "org_b" })).toBe("none");
    expect(contactLevel({ kind: "anonymous" }, records.contact)).toBe("none");
    expect(contactLevel({ kind: "service", service: "progress" }, records.contact)).toBe("none");
  });

  const permissions: [string, HeldRole[], boolean[]][] = [
    // contact.read, contact.edit, timeline.read, note.create, post.read, post.create
    ["updates by a grant", [role("member", organisationId), updates], [true, true, true, true, false, false]],
    [
      "profile by a grant",
      [role("member", organisationId), role("contact_profile", "con_client")],
      [true, false, false, false, false, false],
    ],
    ["headline by a grant", [role("member", organisationId), headline], [true, false, false, false, false, false]],
    ["none", [manager, none], [false, false, false, false, false, false]],
    ["manager, lowered to the headline", [manager, headline], [true, false, false, false, false, false]],
    ["manager", [manager], [true, true, true, true, true, true]],
    ["observer, raised", [observer, updates], [true, true, true, true, true, false]],
  ];
  it.each(permissions)("%s decides what may be read and written", (_name, held, expected) => {
    const caller = person(held);
    const asked = ["contact.read", "contact.edit", "timeline.read", "note.create"];
    const onContact = asked.map((permission) => may(caller, permission, records.contact));
    const inProject = [may(caller, "post.read", records.post), may(caller, "post.create", records.participation)];
    expect([...onContact, ...inProject]).toEqual(expected);
  });

  it("is a ceiling: a project's entries are only for its team and admins, whatever the level", () => {
    const shared = { ...records.note, contactProjectIds: ["prj_draft", "prj_other"] };
    expect(may(person([role("manager", "prj_other")]), "timeline.read", shared)).toBe(false);
    expect(may(person([role("member", organisationId), updates]), "timeline.read", shared)).toBe(false);
    expect(may(person([manager]), "timeline.read", shared)).toBe(true);
    expect(may(person([admin]), "timeline.read", shared)).toBe(true);
  });

  it("counts the record's own project where the record names none of the contact's", () => {
    const { contactProjectIds: _projects, ...participation } = records.participation;
    expect(may(person([observer]), "participation.read", participation)).toBe(true);
    expect(may(person([role("observer", "prj_other")]), "participation.read", participation)).toBe(false);
    expect(may(person([manager, none]), "participation.read", participation)).toBe(false);
  });

  it("[C5] nobody reads or writes staff notes about the contact linked to their own account", () => {
    for (const held of [[manager], [admin], [folder]]) {
      const caller = person(held);
      const linked = { contactUserId: "usr_self" };
      expect(may(caller, "timeline.read", { ...records.note, ...linked })).toBe(false);
      expect(may(caller, "timeline.read", { ...records.looseNote, ...linked })).toBe(false);
      expect(may(caller, "post.read", { ...records.note, ...linked })).toBe(false);
      expect(may(caller, "note.create", { ...records.contact, ...linked })).toBe(false);
      expect(may(caller, "timeline.read", records.note)).toBe(true);
    }
  });
});
