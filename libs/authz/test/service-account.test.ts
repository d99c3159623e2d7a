import { describe, expect, it } from "vitest";
import { compile } from "../src/compile.ts";
import { contactLevel, decide, may, mayAnywhere } from "../src/decide.ts";
import type { HeldRole, Switches } from "../src/facts.ts";
import { presets } from "../src/policy.ts";
import { organisationId, places, records, role } from "./people.ts";

const admin = [role("admin", organisationId)];
const reporter = [role("reporter", "prj_draft")];
const consent = role("redacted_consent", "prj_draft");
const redacted = { redactedAccess: true };

function account(live: readonly HeldRole[], maker: readonly HeldRole[] = admin, switches: Partial<Switches> = {}) {
  const creator = { userId: "usr_maker", live: maker, withheld: [] };
  const all = { ...presets.charity, ...switches };
  return compile({ userId: "usr_system", organisationId, live, switches: all, places, creator });
}

type Line = [
  what: string,
  caller: ReturnType<typeof account>,
  permission: string,
  on: keyof typeof records,
  allowed: boolean,
];

// roles.md: never more than its creator holds now; never billing or roles; redacted data only with a direct manager's consent.
const lines: Line[] = [
  ["what both hold", account(reporter), "post.create", "post", true],
  ["what only the creator holds", account(reporter), "project.edit", "draft", false],
  ["what only the account holds", account(admin, reporter), "project.edit", "draft", false],
  ["what both hold, by different roles", account(admin, [role("manager", "prj_draft")]), "project.edit", "draft", true],
  ["outside what the creator holds", account(admin, [role("manager", "prj_draft")]), "project.edit", "loose", false],
  ["of a creator who holds nothing", account(admin, []), "project.read", "draft", false],
  ["what every registered user sees, by a role on a project", account(reporter), "project.read", "public", false],
  [
    "the same, by a role on the organisation",
    account([role("member", organisationId)]),
    "project.read",
    "public",
    true,
  ],
  ["the same, of a creator who holds nothing", account(admin, []), "project.read", "public", false],
  ["who has which role in a project", account(admin), "team.read", "draft", false],
  ["fields of contacts", account(admin), "contact_field.edit", "organisation", true],
  ["following, which is a person's", account(admin), "project.follow", "public", false],
  ["billing", account(admin), "billing.read", "organisation", false],
  ["ordering credits", account(admin), "billing.order", "organisation", false],
  ["giving roles", account(admin), "role.give", "draft", false],
  ["taking roles", account(admin), "role.take", "draft", false],
  ["switches", account(admin), "organisation.edit", "organisation", false],
  ["a post, redacted", account(reporter, admin, redacted), "post.read", "post", false],
  [
    "a post, redacted, as a manager",
    account([role("manager", "prj_draft")], admin, redacted),
    "post.read",
    "post",
    false,
  ],
  ["a post, redacted, with consent", account([...reporter, consent], admin, redacted), "post.read", "post", true],
  ["a post by consent alone", account([consent], admin, redacted), "post.read", "post", false],
  ["a project, redacted", account(reporter, admin, redacted), "project.read", "draft", true],
  ["a contact, redacted", account(admin, admin, redacted), "contact.read", "contact", false],
  ["a contact, redacted, with consent", account([...admin, consent], admin, redacted), "contact.read", "contact", true],
  [
    "a contact in another project, too",
    account([...admin, consent], admin, redacted),
    "contact.read",
    "sharedContact",
    false,
  ],
  ["a contact in no project", account(admin, admin, redacted), "contact.read", "strayContact", true],
];

describe("[R22] a service account", () => {
  it.each(lines)("%s", (_what, caller, permission, on, allowed) => {
    expect(may(caller, permission, records[on])).toBe(allowed);
  });

  it("is told of what it may not only what it may know", () => {
    expect(decide(account(admin), "billing.read", records.organisation)).toMatchObject({
      visible: true,
      reason: "no_role",
    });
    expect(decide(account(admin, []), "project.edit", records.draft)).toMatchObject({ visible: false });
  });

  it("sees of a contact no more than its creator, and nothing that is redacted", () => {
    const observer = [role("observer", "prj_draft")];
    expect(contactLevel(account(reporter), records.contact)).toBe("updates");
    expect(contactLevel(account(admin, observer), records.contact)).toBe("profile");
    expect(contactLevel(account(reporter, admin, redacted), records.contact)).toBe("none");
    expect(contactLevel(account([...reporter, consent], admin, redacted), records.contact)).toBe("updates");
  });

  it("passes no door behind which it could do nothing", () => {
    expect(mayAnywhere(account(admin), "project.edit")).toBe(true);
    expect(mayAnywhere(account(admin), "role.give")).toBe(false);
    expect(mayAnywhere(account(admin, []), "project.edit")).toBe(false);
  });

  it("is the only one for whom a consent counts", () => {
    const person = compile({ userId: "usr_p", organisationId, live: [consent], switches: presets.charity, places });
    expect(may(person, "project.read", records.draft)).toBe(false);
  });
});
