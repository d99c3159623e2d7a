import { describe, expect, test } from "vitest";
import { getMe, getProject, outcome, world } from "./asking.ts";
import { ORGANISATION, ORIGIN, PROJECT, role } from "./world.ts";

const CREATOR = "usr_01890000-0000-7000-8000-00000000000c";

/** A token of a service account that is an admin, as is whoever made it. */
function account(claims: Record<string, unknown> = {}): string {
  world.grants.put({ roles: [role("admin", ORGANISATION)] }, ORGANISATION, CREATOR);
  return world.token({ roles: [`admin:${ORGANISATION}`], limited_by: CREATOR, ...claims });
}

const read = (token: string) => outcome({ operation: getProject, request: { projectId: PROJECT }, token });

describe("[R22] a service account's token", () => {
  test("counts as far as its creator's present grants, also while it is warm", async () => {
    const token = account();
    expect(await read(token)).toBe("allowed");
    world.grants.put({ roles: [] }, ORGANISATION, CREATOR);
    expect(await read(token)).toBe("not_found not_found");
    world.grants.put({ roles: [role("admin", ORGANISATION)] }, ORGANISATION, CREATOR);
    expect(await read(token)).toBe("allowed");
  });

  test("counts for nothing when its creator, or it, is disabled", async () => {
    const token = account();
    world.grants.put({ enabled: false }, ORGANISATION, CREATOR);
    expect(await read(token)).toBe("unauthenticated token_invalid");
    world.grants.put({ roles: [role("admin", ORGANISATION)] }, ORGANISATION, CREATOR);
    world.grants.put({ enabled: false });
    expect(await read(token)).toBe("unauthenticated token_invalid");
  });

  test("never counts by its claims alone", async () => {
    const token = account();
    world.grants.remove(ORGANISATION, CREATOR);
    expect(await read(token)).toBe("unavailable grants_unknown");
    const other = account({ jti: "other" });
    world.grants.remove();
    expect(await read(other)).toBe("unavailable grants_unknown");
  });

  test("never counts by less than it or its creator held when it was made", async () => {
    const token = account({ grants_version: 4 });
    const roles = [role("admin", ORGANISATION)];
    for (const [own, creators, expected] of [
      [3, 4, "unavailable grants_unknown"],
      [4, 3, "unavailable grants_unknown"],
      [4, 4, "allowed"],
    ] as const) {
      world.grants.put({ roles, version: own });
      world.grants.put({ roles, version: creators }, ORGANISATION, CREATOR);
      expect(await read(token)).toBe(expected);
    }
  });

  test("has of what it was given since nothing before its next token", async () => {
    expect(await read(account({ roles: [] }))).toBe("unauthenticated token_stale");
  });

  test("opens nobody's own account", async () => {
    expect(await outcome({ operation: getMe, token: account() })).toBe("forbidden people_only");
  });

  test.each([
    ["names nobody", { limited_by: "somebody" }],
    ["names no text", { limited_by: 7 }],
    ["is for an account", { aud: `${ORIGIN}/account` }],
    ["is for the platform", { aud: `${ORIGIN}/orgs/platform` }],
  ])("is refused when it %s", async (_what, claims) => {
    expect(await read(account(claims))).toBe("unauthenticated token_invalid");
  });
});
