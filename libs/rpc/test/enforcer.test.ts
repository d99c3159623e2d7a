import { operations } from "@partake/contract";
import { describe, expect, test } from "vitest";
import {
  createFolder,
  createOrganisation,
  deleteContact,
  getContact,
  getMe,
  getProject,
  member,
  outcome,
  readGrants,
  updateProject,
  world,
} from "./asking.ts";
import { HIDDEN_PROJECT, ORGANISATION, ORIGIN, OTHER_ORGANISATION, PROJECT, role } from "./world.ts";

describe("access on a scope", () => {
  test.each([
    [
      "an admin edits a project",
      () => member(role("admin", ORGANISATION)),
      updateProject,
      { projectId: PROJECT },
      "allowed",
    ],
    ["its manager edits it", () => member(role("manager", PROJECT)), updateProject, { projectId: PROJECT }, "allowed"],
    ["its observer reads it", () => member(role("observer", PROJECT)), getProject, { projectId: PROJECT }, "allowed"],
    [
      "its observer may not edit it",
      () => member(role("observer", PROJECT)),
      updateProject,
      { projectId: PROJECT },
      "forbidden no_role",
    ],
    [
      "a manager elsewhere does not see it",
      () => member(role("manager", HIDDEN_PROJECT)),
      updateProject,
      { projectId: PROJECT },
      "not_found not_found",
    ],
    ["without a role it is not there", () => member(), getProject, { projectId: PROJECT }, "not_found not_found"],
    [
      "a project that is nowhere is not there, for an admin too",
      () => member(role("admin", ORGANISATION)),
      getProject,
      { projectId: HIDDEN_PROJECT },
      "not_found not_found",
    ],
    ["an admin creates folders", () => member(role("admin", ORGANISATION)), createFolder, {}, "allowed"],
    ["a member does not", () => member(role("member", ORGANISATION)), createFolder, {}, "forbidden no_role"],
    [
      "a scope that is no text is not there",
      () => member(role("admin", ORGANISATION)),
      getProject,
      { projectId: { $ne: "" } },
      "not_found not_found",
    ],
  ])("%s", async (_, token, operation, request, expected) => {
    expect(await outcome({ operation, request, token: token() })).toBe(expected);
  });

  test("a project of another organisation is not there", async () => {
    world.places.projects.set(HIDDEN_PROJECT, {
      organisationId: OTHER_ORGANISATION,
      status: "published",
      visibility: "public",
    });
    const token = member(role("admin", ORGANISATION), role("manager", HIDDEN_PROJECT));
    expect(await outcome({ operation: getProject, request: { projectId: HIDDEN_PROJECT }, token })).toBe(
      "not_found not_found",
    );
  });

  test("a project that is newer than the view of places is asked for", async () => {
    world.places.elsewhere.set(HIDDEN_PROJECT, { organisationId: ORGANISATION, status: "draft", visibility: "people" });
    const token = member(role("admin", ORGANISATION));
    expect(await outcome({ operation: getProject, request: { projectId: HIDDEN_PROJECT }, token })).toBe("allowed");
  });

  test("a hidden project costs the same questions as a missing one", async () => {
    const token = member();
    await outcome({ operation: getProject, request: { projectId: PROJECT }, token });
    await outcome({ operation: getProject, request: { projectId: HIDDEN_PROJECT }, token });
    expect(world.places.asked).toEqual([PROJECT, HIDDEN_PROJECT]);
  });

  test("places are unknown: unavailable where they matter, and only there", async () => {
    world.places.isKnown = false;
    const token = member(role("admin", ORGANISATION));
    expect(await outcome({ operation: getProject, request: { projectId: PROJECT }, token })).toBe(
      "unavailable places_unknown",
    );
    expect(await outcome({ operation: createFolder, token })).toBe("allowed");
  });
});

describe("access on a record, before it is loaded", () => {
  test.each([
    ["who holds the permission anywhere goes on", () => member(role("manager", PROJECT)), getContact, "allowed"],
    [
      "who holds it on nothing and sees nothing of the kind finds nothing",
      () => member(),
      getContact,
      "not_found not_found",
    ],
    [
      "who sees such records but may do this to none is refused",
      () => member(role("observer", PROJECT)),
      deleteContact,
      "forbidden no_role",
    ],
  ])("%s", async (_, token, operation, expected) => {
    expect(await outcome({ operation, request: { contactId: "con_x" }, token: token() })).toBe(expected);
  });
});

describe("access to one's account, and of services", () => {
  const account = () => world.token({ aud: `${ORIGIN}/account`, roles: undefined });
  test("any person's token is enough for their own account", async () => {
    expect(await outcome({ operation: getMe, token: account() })).toBe("allowed");
    expect(await outcome({ operation: getMe, token: world.token() })).toBe("allowed");
  });
  test("an account's token is for no organisation", async () => {
    expect(await outcome({ operation: getProject, request: { projectId: PROJECT }, token: account() })).toBe(
      "unauthenticated token_invalid",
    );
  });
  test("a service is no person", async () => {
    expect(await outcome({ operation: getMe, service: "gateway" })).toBe("unauthenticated token_missing");
    expect(await outcome({ operation: createFolder, service: "gateway" })).toBe("unauthenticated token_missing");
  });
  test("a listed service calls, another does not, a person neither", async () => {
    expect(await outcome({ operation: readGrants, service: "gateway" })).toBe("allowed");
    expect(await outcome({ operation: readGrants, service: "identity" })).toBe("forbidden service_not_listed");
    expect(await outcome({ operation: readGrants, token: world.token() })).toBe("unauthenticated token_missing");
    expect(await outcome({ operation: readGrants })).toBe("unauthenticated token_missing");
  });
  test("an organisation's admin is nobody on the platform", async () => {
    expect(await outcome({ operation: createOrganisation, token: member(role("admin", ORGANISATION)) })).toMatch(
      /^(forbidden|not_found) /,
    );
  });
  test("a role of the platform counts only in a token for it", async () => {
    const token = member(role("platform_operator", "platform"));
    expect(await outcome({ operation: createOrganisation, token })).toMatch(/^(forbidden|not_found) /);
    world.grants.put({ roles: [role("platform_operator", "platform")] }, "platform");
    const operator = world.token({ aud: `${ORIGIN}/orgs/platform`, roles: ["platform_operator:platform"] });
    expect(await outcome({ operation: createOrganisation, token: operator })).toBe("allowed");
  });
  test("without a token every operation is refused that is not public", async () => {
    for (const operation of operations.filter(({ access }) => access.kind !== "public")) {
      expect(`${operation.path} ${await outcome({ operation })}`).toBe(
        `${operation.path} unauthenticated token_missing`,
      );
    }
  });
});
