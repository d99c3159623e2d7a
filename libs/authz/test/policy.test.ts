import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { renderMatrix } from "../src/matrix.ts";
import { policy, presets } from "../src/policy.ts";
import { allRoles } from "../src/roles.ts";
import type { PermissionEntry } from "../src/rule.ts";

const protos = new URL("../../../proto/partake/v1/", import.meta.url);
const entries = Object.entries(policy) as [string, PermissionEntry][];

describe("the policy", () => {
  it("knows every permission that the protos name", () => {
    const named = readdirSync(protos).flatMap((file) =>
      [...readFileSync(new URL(file, protos), "utf8").matchAll(/^[^/]*\bpermission:\s*"([^"]+)"/gm)].map(
        ([, name = ""]) => name,
      ),
    );
    expect(named.length).toBeGreaterThan(50);
    expect(named.filter((name) => !(name in policy))).toEqual([]);
  });

  it("says of each permission what it is, in well-formed words, and who holds it", () => {
    for (const [name, { is, holders, seenBy = [] }] of entries) {
      expect(name).toMatch(/^[a-z_]+\.[a-z_]+$/);
      expect(is).not.toBe("");
      expect(holders.length).toBeGreaterThan(0);
      for (const reader of seenBy) expect(policy).toHaveProperty([reader]);
      for (const { on, level } of holders) if (on === "contact") expect(level).toBeDefined();
    }
  });

  it("gives every role something to do", () => {
    const held = new Set(entries.flatMap(([, { holders }]) => holders.flatMap(({ roles }) => roles)));
    // Levels for contacts other than the highest work through the level that each rule asks for.
    const byLevel = ["contact_profile", "contact_headline", "contact_none"];
    // A consent gives nothing: it lets a service account's other roles reach what is redacted.
    expect(allRoles.filter((role) => !held.has(role))).toEqual(["redacted_consent", ...byLevel]);
  });

  it("lets operators of the platform do only what is the platform's", () => {
    for (const [, { holders }] of entries) {
      const onPlatform = holders.filter(({ on }) => on === "platform");
      expect([0, holders.length]).toContain(onPlatform.length);
    }
  });

  it("starts an organisation with the presets of roles.md", () => {
    expect(presets.charity).toEqual({
      managersGiveRoles: true,
      creatorsCreateProjects: true,
      contactCreators: ["admin", "creator", "manager", "reporter"],
      redactedAccess: false,
      visitorsSeeProjects: false,
    });
    expect(presets.civic).toEqual({
      managersGiveRoles: false,
      creatorsCreateProjects: false,
      contactCreators: ["admin", "manager"],
      redactedAccess: false,
      visitorsSeeProjects: true,
    });
  });

  it("stands in docs/reference/roles.md as it is (npm run generate renews it)", () => {
    const reference = readFileSync(new URL("../../../docs/reference/roles.md", import.meta.url), "utf8");
    expect(reference).toBe(renderMatrix());
  });
});
