import { may } from "@partake/authz";
import { describe, expect, test } from "vitest";
import { createContact, getContact, getMe, getProject, member, outcome, world } from "./asking.ts";
import { FOLDER, HIDDEN_PROJECT, ORGANISATION, ORIGIN, PROJECT, role } from "./world.ts";

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

  test("[R23] a log-in that was ended is refused at once, here and at one's own account, though the token is warm; another goes on", async () => {
    const [ended, other] = ["ses_01890000-0000-7000-8000-000000000001", "ses_01890000-0000-7000-8000-000000000002"];
    const roles = [role("manager", PROJECT)];
    const claims = { roles: [`manager:${PROJECT}`] };
    const [token, theOther] = [world.token({ ...claims, sid: ended }), world.token({ ...claims, sid: other })];
    world.grants.put({ roles });
    expect(await read(token)).toBe("allowed");
    world.grants.put({ roles, endedSessions: new Set([ended]) });
    world.grants.put({ endedSessions: new Set([ended]) }, "platform");
    expect(await read(token)).toBe("unauthenticated token_invalid");
    expect(await read(theOther)).toBe("allowed");
    const account = world.token({ aud: `${ORIGIN}/account`, sid: ended });
    expect(await outcome({ operation: getMe, token: account })).toBe("unauthenticated token_invalid");
  });

  test("identity is away and nothing held: the claims alone count, and what they do not allow nobody can refuse", async () => {
    world.grants.remove();
    world.grants.isFresh = false;
    expect(await read(world.token({ roles: [`manager:${PROJECT}`] }))).toBe("allowed");
    const nothing = world.token({ roles: [] });
    expect(await read(nothing)).toBe("unavailable grants_unknown");
    const ofRecord = { operation: getContact, request: { contactId: "con_x" }, token: nothing };
    expect(await outcome(ofRecord)).toBe("unavailable grants_unknown");
  });

  test("[R12] while nobody can tell the switches, redacted access counts as on", async () => {
    world.grants.remove();
    world.grants.isFresh = false;
    const { caller } = await world.enforcer.authenticate({ authorization: `Bearer ${world.token()}` });
    const record = { organisationId: ORGANISATION, projectId: PROJECT };
    expect(may(caller, "project.edit", record)).toBe(true);
    for (const permission of ["people.read", "role.give", "contact.create"])
      expect([permission, may(caller, permission, record)]).toEqual([permission, false]);
  });

  test("in what a participant takes part is no claim: until it is known they are not refused what may be theirs", async () => {
    const token = world.token({ roles: [`participant:${PROJECT}`], grants_version: 7 });
    world.grants.put({ roles: [], version: 5 });
    expect(await read(token)).toBe("unavailable grants_unknown");
    world.grants.put({ roles: [], version: 5, taken: new Map([[`participant:${PROJECT}`, 8]]) });
    expect(await read(token)).toBe("not_found not_found");
    world.grants.put({ roles: [], version: 7 });
    expect(await read(token)).toBe("not_found not_found");
  });

  test("the claims alone count where what is held is older, but for what was taken since", async () => {
    const token = world.token({ roles: [`manager:${PROJECT}`], grants_version: 7 });
    world.grants.put({ roles: [], version: 5 });
    expect(await read(token)).toBe("allowed");
    world.grants.put({ roles: [], version: 5, taken: new Map([[`manager:${PROJECT}`, 6]]) });
    expect(await read(token)).toBe("allowed");
    world.grants.put({ roles: [], version: 5, taken: new Map([[`manager:${PROJECT}`, 8]]) });
    expect(await read(token)).toBe("not_found not_found");
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

  test("[R18] a role that ended by itself no longer counts, though the token is warm and nobody said so", async () => {
    const token = member(role("manager", PROJECT));
    world.grants.put({ roles: [role("manager", PROJECT)], untilMs: world.nowMs + 1_000 });
    expect(await read(token)).toBe("allowed");
    const { reads } = world.grants;
    await read(token);
    expect(world.grants.reads).toBe(reads);
    world.nowMs += 1_000;
    await read(token);
    expect(world.grants.reads).toBe(reads + 1);
  });

  test("[R16] a right withheld is never a claim: derived rights count only where it is known which are withheld", async () => {
    const place = { organisationId: ORGANISATION, status: "draft" as const, visibility: "people" as const };
    world.places.projects.set(HIDDEN_PROJECT, { ...place, folderId: FOLDER });
    const readHidden = (token: string) =>
      outcome({ operation: getProject, request: { projectId: HIDDEN_PROJECT }, token });
    const roles = [role("folder_manager", FOLDER)];
    const token = member(...roles);
    expect(await readHidden(token)).toBe("allowed");
    world.grants.put({ roles, withheld: [HIDDEN_PROJECT] });
    expect(await readHidden(token)).toBe("not_found not_found");
    expect(await readHidden(world.token({ roles: undefined, roles_ref: true }))).toBe("not_found not_found");
    const newer = world.token({ roles: [`folder_manager:${FOLDER}`], grants_version: 9 });
    expect(await readHidden(newer)).toBe("not_found not_found");
    world.grants.remove();
    world.grants.isFresh = false;
    expect(await readHidden(token)).toBe("unavailable grants_unknown");
    world.grants.put({ roles, withheld: [] });
    world.nowMs += 2_500;
    expect(await readHidden(token)).toBe("allowed");
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
