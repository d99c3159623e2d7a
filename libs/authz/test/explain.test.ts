import fc from "fast-check";
import { describe, expect, it, test } from "vitest";
import type { UserCaller } from "../src/caller.ts";
import { compile } from "../src/compile.ts";
import { may } from "../src/decide.ts";
import { explain } from "../src/explain.ts";
import type { HeldRole, RecordScope, Switches } from "../src/facts.ts";
import { policy } from "../src/policy.ts";
import { kinds, organisationId, person, type RecordName, records, role, takesPart } from "./people.ts";
import { caller, heldRole, record } from "./worlds.ts";

const permissions = Object.keys(policy);

describe("[Z1] an explanation", () => {
  it("says what may says, by the roles that are enough, and by those that would be", () => {
    const seen = { allowed: 0, refused: 0, candidates: 0, ended: 0 };
    const question = fc.record({
      caller,
      record,
      permission: fc.constantFrom(...permissions),
      former: fc.array(heldRole, { maxLength: 3 }),
    });
    fc.assert(
      fc.property(question, ({ caller: asked, record: on, permission, former }) => {
        const why = explain(asked, permission, on, former);
        expect(why.allowed).toBe(may(asked, permission, on));
        if (why.allowed) {
          seen.allowed += 1;
          expect(may(holding(asked, why.by), permission, on)).toBe(true);
          // Without any one of them it is not enough.
          for (const one of why.by)
            expect(
              may(
                holding(
                  asked,
                  why.by.filter((other) => other !== one),
                ),
                permission,
                on,
              ),
            ).toBe(false);
          return;
        }
        seen.refused += 1;
        expect(why.obstacles.length).toBeGreaterThan(0);
        for (const { role: name, scope } of why.wouldAllow) {
          seen.candidates += 1;
          const given: HeldRole = {
            grantId: "grn_new",
            role: name,
            scope,
            ...(on.projectId && { projectId: on.projectId }),
          };
          expect(may(holding(asked, [...asked.rights.held, given]), permission, on)).toBe(true);
        }
        for (const obstacle of why.obstacles) {
          if (obstacle.kind !== "role_ended") continue;
          seen.ended += 1;
          expect(may(holding(asked, [...asked.rights.held, obstacle.role]), permission, on)).toBe(true);
        }
      }),
      { numRuns: 6_000 },
    );
    for (const count of Object.values(seen)) expect(count).toBeGreaterThan(20);
  });

  const switchesOff: Partial<Switches> = {
    managersGiveRoles: false,
    creatorsCreateProjects: false,
    contactCreators: [],
  };
  const folderManager = kinds["folder"] ?? [];

  test.each<[string, UserCaller, string, RecordName | RecordScope, object]>([
    [
      "a manager by their role on the project",
      person([role("member", organisationId), role("manager", "prj_draft")]),
      "project.edit",
      "draft",
      { rule: "manager on the project", by: [{ role: "manager", scope: "prj_draft" }] },
    ],
    [
      "a folder's manager by the folder",
      person(folderManager),
      "project.edit",
      "draft",
      {
        rule: "folder manager derived from the folder of the project",
        relation: "project_folder",
        by: [{ scope: "fld_one" }],
      },
    ],
    [
      "the direct role before the derived one",
      person([...folderManager, role("manager", "prj_draft")]),
      "project.edit",
      "draft",
      { by: [{ role: "manager" }] },
    ],
    [
      "a board's admin with what else they need",
      person(kinds["boardAdmin"] ?? []),
      "post.create",
      "participation",
      { by: [{ role: "member" }, { role: "board_admin" }, { role: "contact_updates" }] },
    ],
    ["any registered user, by no role", person([]), "project.read", "public", { relation: "open_project", by: [] }],
    [
      "a participant",
      person([takesPart("prj_draft", { participationId: "par_client" })]),
      "board.read_own",
      "participation",
      { by: [{ role: "participant" }] },
    ],
  ])("lets %s", (_name, asked, permission, on, expected) => {
    const why = explain(asked, permission, typeof on === "string" ? records[on] : on);
    expect(why).toMatchObject({ allowed: true, ...expected });
    if (why.allowed && "by" in expected) expect(why.by.length).toBe((expected.by as unknown[]).length);
  });

  const withheld = compile({
    userId: "usr_self",
    organisationId,
    live: folderManager,
    switches: person([]).rights.switches,
    places: person([]).rights.places,
    withheld: ["prj_draft"],
  });

  test.each<[string, UserCaller, string, RecordName | RecordScope, object]>([
    [
      "a manager where the switch is off",
      person(kinds["manager"] ?? [], switchesOff),
      "role.give",
      "draft",
      { kind: "switched_off", switch: "managersGiveRoles" },
    ],
    [
      "a creator where the switch is off",
      person(kinds["creator"] ?? [], switchesOff),
      "project.create",
      "organisation",
      { kind: "switched_off", switch: "creatorsCreateProjects" },
    ],
    [
      "who may not create contacts by the preference",
      person(kinds["manager"] ?? [], switchesOff),
      "contact.create",
      "draft",
      { kind: "switched_off", switch: "contactCreators" },
    ],
    [
      "an admin with redacted access",
      person(kinds["admin"] ?? [], { redactedAccess: true }),
      "people.read",
      "draft",
      { kind: "redacted" },
    ],
    [
      "a folder's manager whose right is withheld",
      withheld,
      "project.edit",
      "draft",
      { kind: "withheld", projectId: "prj_draft" },
    ],
    [
      "a manager of a deleted project",
      person([role("manager", "prj_deleted")]),
      "project.edit",
      "deleted",
      { kind: "project_deleted", projectId: "prj_deleted" },
    ],
    [
      "a paused participant",
      person([takesPart("prj_draft", { participationId: "par_client", state: "paused" })]),
      "board.read_own",
      "participation",
      { kind: "participation_not_active" },
    ],
    [
      "a participant who only sees",
      person([takesPart("prj_draft", { participationId: "par_client", level: "see" })]),
      "post.create",
      "participation",
      { kind: "participation_level" },
    ],
    [
      "whose level a direct grant lowers",
      person([role("manager", "prj_draft"), role("contact_none", "con_client")]),
      "contact.read",
      "contact",
      { kind: "level_lowered", role: { role: "contact_none" } },
    ],
    [
      "who would read notes about themselves",
      person([role("manager", "prj_draft")]),
      "note.create",
      { ...records.contact, contactUserId: "usr_self" },
      { kind: "about_themselves" },
    ],
    ["who holds nothing", person([]), "project.edit", "draft", { kind: "no_role" }],
  ])("refuses %s, and says so", (_name, asked, permission, on, obstacle) => {
    const why = explain(asked, permission, typeof on === "string" ? records[on] : on);
    expect(why).toMatchObject({ allowed: false, obstacles: [obstacle] });
  });

  it("names the roles that would allow it, and the one that ended", () => {
    const why = explain(person(kinds["observer"] ?? []), "project.edit", records.draft, [
      role("manager", "prj_draft"),
      role("reporter", "prj_draft"),
    ]);
    expect(why).toEqual({
      allowed: false,
      obstacles: [{ kind: "role_ended", role: role("manager", "prj_draft") }],
      wouldAllow: [
        { role: "admin", scope: organisationId },
        { role: "manager", scope: "prj_draft" },
        { role: "folder_manager", scope: "fld_one" },
      ],
    });
  });

  it("is quick for somebody with thousands of roles", () => {
    const many = Array.from({ length: 10_000 }, (_, index) => role("manager", `prj_${index}`));
    const started = performance.now();
    expect(explain(person([...many, role("manager", "prj_draft")]), "project.edit", records.draft)).toMatchObject({
      by: [{ scope: "prj_draft" }],
    });
    expect(performance.now() - started).toBeLessThan(2_000);
  });
});

/** The same person with other roles. */
function holding({ userId, organisationId: of, rights }: UserCaller, live: readonly HeldRole[]): UserCaller {
  const { switches, places, grants } = rights;
  return compile({
    userId,
    ...(of !== undefined && { organisationId: of }),
    live,
    switches,
    places,
    withheld: grants.withheld ? [...grants.withheld] : "unknown",
  });
}
