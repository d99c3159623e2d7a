import { describe, expect, it } from "vitest";
import { claimedRoles, compile } from "../src/compile.ts";
import { decide, may, mayAnywhere, staleAnywhere, staleFor, visible } from "../src/decide.ts";
import { type HeldRole, PLATFORM, type RecordScope, type Switches } from "../src/facts.ts";
import { presets } from "../src/policy.ts";
import { kinds, organisationId, person, places, records, role, takesPart } from "./people.ts";

const switches = presets.charity;

describe("a refusal", () => {
  const hidden = { allowed: false, visible: false, reason: "no_role" };
  const cases: [string, HeldRole[], string, RecordScope, object, Partial<Switches>?][] = [
    ["hides a draft", kinds["member"] as HeldRole[], "project.edit", records.draft, hidden],
    [
      "shows a project that they see",
      kinds["observer"] as HeldRole[],
      "project.edit",
      records.draft,
      { visible: true, reason: "no_role" },
    ],
    ["shows a published project to anyone", [], "project.edit", records.public, { visible: true, reason: "no_role" }],
    ["hides a contact", kinds["other"] as HeldRole[], "contact.edit", records.contact, hidden],
    [
      "shows a contact that they see",
      kinds["observer"] as HeldRole[],
      "contact.edit",
      records.contact,
      { visible: true, reason: "level_too_low" },
    ],
    [
      "shows the organisation of the token",
      kinds["participant"] as HeldRole[],
      "billing.read",
      records.organisation,
      { visible: true },
    ],
    [
      "hides another organisation",
      kinds["admin"] as HeldRole[],
      "project.edit",
      { ...records.draft, organisationId: "org_b" },
      hidden,
    ],
    [
      "hides another organisation itself",
      kinds["admin"] as HeldRole[],
      "billing.read",
      { organisationId: "org_b" },
      hidden,
    ],
    ["hides another participant's post", kinds["participant"] as HeldRole[], "post.comment", records.post, hidden],
    ["hides a note", kinds["participant"] as HeldRole[], "timeline.read", records.note, hidden],
    ["hides a folder", kinds["member"] as HeldRole[], "project.create", records.folder, hidden],
    [
      "names the switch",
      kinds["manager"] as HeldRole[],
      "role.give",
      records.draft,
      { visible: true, reason: "switched_off" },
      { managersGiveRoles: false },
    ],
    [
      "names redacted access",
      kinds["admin"] as HeldRole[],
      "role.give",
      records.draft,
      { visible: true, reason: "redacted" },
      { redactedAccess: true },
    ],
    [
      "names the participation's state",
      [takesPart("prj_draft", { state: "paused" })],
      "board.read_own",
      { organisationId, projectId: "prj_draft", participationId: "par_self" },
      { visible: true, reason: "participation_not_active" },
    ],
    [
      "names the participation's level",
      [takesPart("prj_draft", { level: "see" })],
      "post.create",
      { organisationId, projectId: "prj_draft", participationId: "par_self" },
      { visible: true, reason: "level_too_low" },
    ],
  ];
  it.each(cases)("%s", (_name, held, permission, record, expected, changes) => {
    const decision = decide(person(held, changes), permission, record);
    expect(decision).toMatchObject({ allowed: false, ...expected });
  });

  it("is none where it is allowed", () => {
    expect(decide(person(kinds["manager"] ?? []), "project.edit", records.draft)).toEqual({ allowed: true });
  });
});

describe("who is nobody's user", () => {
  it.each([{ kind: "anonymous" } as const, { kind: "service", service: "contacts" } as const])(
    "$kind may nothing",
    (caller) => {
      expect(may(caller, "project.read", records.public)).toBe(false);
      expect(mayAnywhere(caller, "project.read")).toBe(false);
      expect(visible(caller, "project.read")).toEqual({ _id: { $in: [] } });
      expect(decide(caller, "project.read", records.public)).toEqual({
        allowed: false,
        visible: false,
        reason: "no_role",
      });
    },
  );

  it("a token for one's own account opens no organisation", () => {
    const live = [role("admin", organisationId), role("manager", "prj_draft")];
    const caller = compile({ userId: "usr_self", live, switches, places });
    expect(may(caller, "project.read", records.public)).toBe(false);
    expect(may(caller, "project.read", records.draft)).toBe(false);
    expect(mayAnywhere(caller, "project.read")).toBe(false);
    expect(visible(caller, "project.read")).toEqual({ _id: { $in: [] } });
  });
});

describe("[X7] [B7] operators of the platform", () => {
  const operator = (name: "platform_operator" | "billing_operator", organisation: string, scope = "platform") =>
    compile({ userId: "usr_op", organisationId: organisation, live: [role(name, scope)], switches, places });
  const platform = { organisationId: PLATFORM };

  it("act on the platform and see no organisation's data", () => {
    const platformOperator = operator("platform_operator", PLATFORM);
    const billingOperator = operator("billing_operator", PLATFORM);
    expect(may(platformOperator, "organisation.create", platform)).toBe(true);
    expect(may(platformOperator, "order.confirm", platform)).toBe(false);
    expect(may(billingOperator, "order.confirm", platform)).toBe(true);
    expect(may(billingOperator, "order.confirm", records.organisation)).toBe(true);
    expect(may(billingOperator, "organisation.create", platform)).toBe(false);
    expect(may(billingOperator, "organisation.list", platform)).toBe(true);
    for (const caller of [platformOperator, billingOperator]) {
      for (const permission of [
        "billing.read",
        "contact.read",
        "project.read",
        "post.read",
        "audit.read",
        "role.give",
      ]) {
        for (const record of Object.values(records)) expect(may(caller, permission, record)).toBe(false);
      }
    }
  });

  it("are no operators in a token of an organisation, nor by a role on another scope", () => {
    expect(may(operator("platform_operator", organisationId), "organisation.create", platform)).toBe(false);
    expect(may(operator("billing_operator", PLATFORM, organisationId), "order.confirm", platform)).toBe(false);
    const admin = compile({
      userId: "usr_self",
      organisationId: PLATFORM,
      live: [role("admin", PLATFORM)],
      switches,
      places,
    });
    expect(may(admin, "billing.read", platform)).toBe(false);
  });
});

describe("[R19] claims and live grants", () => {
  const admin = role("admin", organisationId);
  const manager = role("manager", "prj_draft");
  const of = (claims: string[] | undefined, live: HeldRole[]) =>
    compile({ userId: "usr_self", organisationId, ...(claims && { claims }), live, switches, places });

  it("both must name a role", () => {
    const edits = (claims: string[] | undefined, live: HeldRole[]) =>
      may(of(claims, live), "project.edit", records.draft);
    expect(edits(["manager:prj_draft"], [manager])).toBe(true);
    expect(edits(["manager:prj_draft"], [])).toBe(false);
    expect(edits([], [manager])).toBe(false);
    expect(edits(["manager:prj_other"], [manager])).toBe(false);
    expect(edits(["admin:org_a"], [manager])).toBe(false);
    expect(edits(undefined, [manager])).toBe(true);
    expect(edits(["admin:org_b"], [role("admin", "org_b")])).toBe(false);
  });

  it("says when a fresh token would be allowed", () => {
    const caller = of(["manager:prj_draft"], [manager, admin]);
    expect(may(caller, "folder.create", records.organisation)).toBe(false);
    expect(staleFor(caller, "folder.create", records.organisation)).toBe(true);
    expect(staleFor(caller, "organisation.create", { organisationId: PLATFORM })).toBe(false);
    expect(staleAnywhere(caller, "folder.create")).toBe(true);
    expect(staleFor(of(["manager:prj_draft"], [manager]), "folder.create", records.organisation)).toBe(false);
    expect(staleFor(of(["manager:prj_draft", "admin:org_a"], [manager]), "folder.create", records.organisation)).toBe(
      false,
    );
  });

  it("a level for a contact counts as it is now, whatever the token says", () => {
    const none = role("contact_none", "con_client");
    expect(may(of(["manager:prj_draft"], [manager, none]), "contact.read", records.contact)).toBe(false);
    expect(may(of(["manager:prj_draft", "contact_none:con_client"], [manager]), "contact.read", records.contact)).toBe(
      true,
    );
  });

  it("[R16] a withheld right is not derived, and a direct one stays", () => {
    const folder = role("folder_manager", "fld_one");
    const withheld = (live: HeldRole[]) =>
      compile({ userId: "usr_self", organisationId, live, switches, places, withheld: ["prj_draft"] });
    expect(may(withheld([folder]), "project.edit", records.draft)).toBe(false);
    expect(may(withheld([folder]), "contact.read", records.contact)).toBe(false);
    expect(may(withheld([folder]), "folder.edit", records.folder)).toBe(true);
    expect(may(withheld([folder, manager]), "project.edit", records.draft)).toBe(true);
  });

  it("reads the roles that claims name", () => {
    expect(
      claimedRoles(["admin:org_a", "nonsense:x", "manager:", "plain", "constructor:x", "contact_none:con_a"]),
    ).toEqual([
      { grantId: "", role: "admin", scope: "org_a" },
      { grantId: "", role: "contact_none", scope: "con_a" },
    ]);
  });
});

describe("the coarse question", () => {
  const cases: [string, string, boolean][] = [
    ["manager", "board.edit", true],
    ["manager", "billing.read", false],
    ["manager", "folder.create", false],
    ["participant", "post.create", true],
    ["participant", "board.edit", false],
    ["participant", "participation.read_own", true],
    ["manager", "participation.read_own", false],
    ["observer", "contact.read", true],
    ["member", "contact.read", true],
    ["nobody", "contact.read", false],
    ["nobody", "project.read", true],
    ["nobody", "notification.read_own", true],
    ["folder", "board.edit", true],
    ["boardMember", "post.create", true],
    ["boardMember", "board.edit", false],
  ];
  it.each(cases)("%s may hold %s somewhere: %s", (kind, permission, expected) => {
    expect(mayAnywhere(person(kinds[kind] ?? []), permission)).toBe(expected);
  });

  it("never denies what a record would allow", () => {
    for (const held of Object.values(kinds)) {
      for (const permission of [
        "project.read",
        "post.read",
        "role.give",
        "contact.edit",
        "contact.create",
        "folder.read",
      ]) {
        const caller = person(held);
        const allowed = Object.values(records).some((record) => may(caller, permission, record));
        if (allowed) expect(mayAnywhere(caller, permission)).toBe(true);
      }
    }
  });
});

describe("an unknown permission", () => {
  it("is a programmer's mistake", () => {
    const caller = person(kinds["admin"] ?? []);
    expect(() => may(caller, "project.reed", records.draft)).toThrow("no permission project.reed");
    expect(() => visible(caller, "toString")).toThrow("no permission toString");
    expect(() => mayAnywhere(caller, "constructor")).toThrow("no permission constructor");
  });
});
