import { operation, operations } from "@partake/contract";
import { beforeEach, describe, expect, test } from "vitest";
import {
  createWorld,
  HIDDEN_PROJECT,
  ORGANISATION,
  ORIGIN,
  OTHER_ORGANISATION,
  PROJECT,
  role,
  signToken,
  type World,
} from "./world.ts";

const getProject = operation("/partake.v1.Projects/GetProject");
const updateProject = operation("/partake.v1.Projects/UpdateProject");
const createFolder = operation("/partake.v1.Projects/CreateFolder");
const getContact = operation("/partake.v1.Contacts/GetContact");
const createContact = operation("/partake.v1.Contacts/CreateContact");
const deleteContact = operation("/partake.v1.Contacts/DeleteContact");
const getMe = operation("/partake.v1.Identity/GetMe");
const readGrants = operation("/partake.v1.Identity/ReadGrants");
const createOrganisation = operation("/partake.v1.Identity/CreateOrganisation");

let world: World;

beforeEach(async () => {
  world = await createWorld();
});

interface Asked {
  operation: typeof getProject;
  request?: object;
  token?: string | undefined;
  service?: string;
  serviceToken?: string;
  grantsVersion?: number;
}

async function outcome(asked: Asked): Promise<string> {
  const { token, service, grantsVersion } = asked;
  try {
    const serviceToken = service === undefined ? asked.serviceToken : await world.serviceToken(service)();
    const authorization = token === undefined ? undefined : `Bearer ${token}`;
    const verified = await world.enforcer.authenticate({ authorization, serviceToken, grantsVersion });
    await world.enforcer.authorize({ operation: asked.operation, request: asked.request ?? {}, verified });
    return "allowed";
  } catch (error) {
    const { code, reason } = error as { code: string; reason: string };
    return `${code} ${reason}`;
  }
}

/** Holds roles and has a token that knows them. */
function member(...roles: ReturnType<typeof role>[]): string {
  world.grants.put({ roles, version: 1 });
  return world.token({ roles: roles.map(({ role: name, scope }) => `${name}:${scope}`) });
}

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

describe("a service's token that is refused", () => {
  const now = () => Math.floor(world.nowMs / 1000);
  const claims = (changes: object = {}) => ({
    iss: "gateway",
    sub: "gateway",
    aud: "partake-services",
    iat: now(),
    exp: now() + 60,
    ...changes,
  });
  const header = (changes: object = {}) => ({ alg: "EdDSA", typ: "service+jwt", kid: "gateway", ...changes });
  const own = () => world.serviceSecret("gateway").privateKey;
  test.each([
    ["has another's signature", () => signToken(header(), claims(), world.serviceSecret("billing").privateKey)],
    ["says it is by another", () => signToken(header(), claims({ iss: "contacts", sub: "contacts" }), own())],
    ["is for another subject", () => signToken(header(), claims({ sub: "contacts" }), own())],
    [
      "is by a service that we do not know",
      () => signToken(header({ kid: "stranger" }), claims({ iss: "stranger", sub: "stranger" }), own()),
    ],
    ["is for the public", () => signToken(header(), claims({ aud: ORIGIN }), own())],
    ["lives for an hour", () => signToken(header(), claims({ exp: now() + 3600 }), own())],
    ["has expired", () => signToken(header(), claims({ iat: now() - 90, exp: now() - 30 }), own())],
    ["comes from the future", () => signToken(header(), claims({ iat: now() + 30, exp: now() + 60 }), own())],
    ["never expires", () => signToken(header(), claims({ exp: undefined }), own())],
    ["is a user's kind", () => signToken(header({ typ: "at+jwt" }), claims(), own())],
    ["says alg none", () => signToken(header({ alg: "none" }), claims(), own())],
    ["brings its key", () => signToken(header({ jwk: {} }), claims(), own())],
    ["has crit", () => signToken(header({ crit: ["exp"] }), claims(), own())],
  ])("%s", async (_, make) => {
    expect(await outcome({ operation: readGrants, serviceToken: make() })).toBe("unauthenticated token_invalid");
  });

  test("(while the same, made well, is accepted)", async () => {
    expect(await outcome({ operation: readGrants, serviceToken: signToken(header(), claims(), own()) })).toBe(
      "allowed",
    );
  });

  test("is refused as a user's", async () => {
    expect(await outcome({ operation: getMe, token: await world.serviceToken("gateway")() })).toBe(
      "unauthenticated token_invalid",
    );
  });

  test("does not get better by a good user's beside it", async () => {
    const serviceToken = signToken(header(), claims(), world.serviceSecret("billing").privateKey);
    expect(await outcome({ operation: getMe, token: world.token(), serviceToken })).toBe(
      "unauthenticated token_invalid",
    );
  });

  test("is minted anew before it expires, and not for every call", async () => {
    const mint = world.serviceToken("gateway");
    const first = await mint();
    world.nowMs += 30_000;
    expect(await mint()).toBe(first);
    world.nowMs += 15_000;
    expect(await mint()).not.toBe(first);
  });
});

describe("live grants", () => {
  const read = (token: string, grantsVersion?: number) =>
    outcome({
      operation: getProject,
      request: { projectId: PROJECT },
      token,
      ...(grantsVersion === undefined ? {} : { grantsVersion }),
    });

  test("[R18] a role that was taken no longer counts, though the token is warm", async () => {
    const token = member(role("manager", PROJECT));
    expect(await read(token)).toBe("allowed");
    world.grants.put({ roles: [], version: 2 });
    expect(await read(token)).toBe("not_found not_found");
  });

  test("a role that the token does not know yet sends its client to refresh", async () => {
    const token = member();
    world.grants.put({ roles: [role("manager", PROJECT)], version: 2 });
    expect(await read(token)).toBe("unauthenticated token_stale");
    expect(await read(world.token({ roles: [`manager:${PROJECT}`], grants_version: 2 }))).toBe("allowed");
  });

  test("a role that would not help either is no reason to refresh", async () => {
    const token = member();
    world.grants.put({ roles: [role("manager", HIDDEN_PROJECT)], version: 2 });
    expect(await read(token)).toBe("not_found not_found");
  });

  test("a role that is claimed and was never held gives nothing", async () => {
    world.grants.put({ roles: [], version: 5 });
    expect(await read(world.token({ roles: [`manager:${PROJECT}`], grants_version: 1 }))).toBe("not_found not_found");
  });

  test("a disabled person is refused at once, though the token is warm", async () => {
    const token = member(role("manager", PROJECT));
    expect(await read(token)).toBe("allowed");
    world.grants.put({ roles: [role("manager", PROJECT)], enabled: false });
    expect(await read(token)).toBe("unauthenticated token_invalid");
  });

  test("a disabled person is refused at their own account, too", async () => {
    world.grants.put({ enabled: false }, "platform");
    expect(await outcome({ operation: getMe, token: world.token({ aud: `${ORIGIN}/account` }) })).toBe(
      "unauthenticated token_invalid",
    );
  });

  test("identity is away and nothing held: the claims alone count", async () => {
    world.grants.remove();
    world.grants.isFresh = false;
    expect(await read(world.token({ roles: [`manager:${PROJECT}`] }))).toBe("allowed");
    expect(await read(world.token({ roles: [] }))).toBe("not_found not_found");
  });

  test("and a token that only refers to its roles is unavailable, never allowed", async () => {
    world.grants.remove();
    expect(await read(world.token({ roles: undefined, roles_ref: true }))).toBe("unavailable grants_unknown");
  });

  test("a token that refers to its roles has those that are live", async () => {
    world.grants.put({ roles: [role("observer", PROJECT)] });
    expect(await read(world.token({ roles: undefined, roles_ref: true }))).toBe("allowed");
  });

  test("what the client saw and nobody can tell us is unavailable, not answered by less", async () => {
    const token = member(role("manager", PROJECT));
    expect(await read(token, 1)).toBe("allowed");
    expect(await read(token, 2)).toBe("unavailable grants_unknown");
    world.grants.put({ roles: [], version: 2 });
    expect(await read(token, 2)).toBe("not_found not_found");
  });

  test("a warm token asks nobody", async () => {
    const token = member(role("manager", PROJECT));
    await read(token);
    const { reads } = world.grants;
    for (let count = 0; count < 10; count += 1) await read(token);
    expect(world.grants.reads).toBe(reads);
  });

  test("while changes do not reach us, a warm token asks again after two seconds", async () => {
    const token = member(role("manager", PROJECT));
    await read(token);
    world.grants.isFresh = false;
    const { reads } = world.grants;
    await read(token);
    world.nowMs += 2_500;
    await read(token);
    expect(world.grants.reads).toBe(reads + 1);
  });

  test("a warm token expires all the same", async () => {
    const token = member(role("manager", PROJECT));
    expect(await read(token)).toBe("allowed");
    world.nowMs += 299_999;
    expect(await read(token)).toBe("allowed");
    world.nowMs += 1;
    expect(await read(token)).toBe("unauthenticated token_expired");
  });

  test("contacts are created where the organisation lets them be", async () => {
    const token = member(role("manager", PROJECT));
    expect(await outcome({ operation: createContact, request: { projectId: PROJECT }, token })).toBe("allowed");
    expect(await outcome({ operation: createContact, request: {}, token })).not.toBe("allowed");
  });
});
