import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
let other: { id: string; admin: Person };
let manager: Person;
let observer: Person;
let folder: string;
let project: string;
let loose: string;
let board: string;
let foreign: string;

beforeAll(async () => {
  world = await startIdentityWorld();
  org = await world.organisation("Evaluated");
  other = await world.organisation("Elsewhere");
  [folder, project, loose, foreign] = [world.newId("fld"), world.newId("prj"), world.newId("prj"), world.newId("prj")];
  board = world.newId("brd");
  const { elsewhere } = world;
  elsewhere.folders.add(folder);
  elsewhere.projects.set(project, { organisationId: org.id, folderId: folder });
  elsewhere.projects.set(loose, { organisationId: org.id });
  elsewhere.projects.set(world.newId("prj"), {
    ...{ organisationId: org.id, status: "published", visibility: "public" },
  });
  elsewhere.projects.set(foreign, { organisationId: other.id });
  elsewhere.boards.set(board, project);
  const invited = { organisationId: org.id, admin: org.admin, scope: project };
  manager = await world.colleague({ ...invited, email: "m@example.org", role: "manager" });
  observer = await world.colleague({ ...invited, email: "o@example.org", role: "observer" });
}, 120_000);
afterAll(() => world?.stop());
beforeEach(() => {
  world.elsewhere.asked.length = 0;
});

interface Named {
  who?: string;
  does?: string;
  on?: string;
  type?: string;
  kind?: string;
}

const question = ({
  who = manager.userId,
  does = "project.edit",
  on = project,
  type = "user",
  kind = "project",
}: Named = {}) => ({
  subject: { type, id: who },
  action: { name: does },
  resource: { type: kind, id: on },
});

async function asks(by: Person, named: Named = {}) {
  return (await (await world.as(by, org.id)).evaluateAccess(question(named))).decision;
}

describe("[Z1] an access evaluation", () => {
  test.each<[string, () => Named, boolean]>([
    ["a manager edits their project", () => ({}), true],
    ["a manager deletes it", () => ({ does: "project.delete" }), false],
    ["an observer reads it", () => ({ who: observer.userId, does: "project.read" }), true],
    ["an observer edits it", () => ({ who: observer.userId }), false],
    ["a manager edits another project", () => ({ on: loose }), false],
    ["an admin edits any project", () => ({ who: org.admin.userId, on: loose }), true],
    [
      "an admin edits the folder",
      () => ({ who: org.admin.userId, does: "folder.edit", on: folder, kind: "folder" }),
      true,
    ],
    ["a manager sees the folder", () => ({ does: "folder.read", on: folder, kind: "folder" }), true],
    ["a manager edits the folder", () => ({ does: "folder.edit", on: folder, kind: "folder" }), false],
    ["a manager edits a board of the project", () => ({ does: "board.edit", on: board, kind: "board" }), true],
    [
      "an observer edits a board of the project",
      () => ({ who: observer.userId, does: "board.edit", on: board, kind: "board" }),
      false,
    ],
    [
      "an admin reads the audit trail",
      () => ({ who: org.admin.userId, does: "audit.read", on: org.id, kind: "organisation" }),
      true,
    ],
    ["a manager reads the audit trail", () => ({ does: "audit.read", on: org.id, kind: "organisation" }), false],
    ["somebody who does not exist", () => ({ who: world.newId("usr"), does: "project.read" }), false],
    ["somebody of another organisation", () => ({ who: other.admin.userId, does: "project.read" }), false],
    ["a project that does not exist", () => ({ who: org.admin.userId, on: world.newId("prj") }), false],
    ["a project of another organisation", () => ({ who: org.admin.userId, on: foreign }), false],
    [
      "another organisation",
      () => ({ who: org.admin.userId, does: "audit.read", on: other.id, kind: "organisation" }),
      false,
    ],
    ["an action that is none", () => ({ does: "project.peek" }), false],
    ["an action that every object has", () => ({ does: "toString" }), false],
    ["a resource of another type than its id", () => ({ kind: "folder" }), false],
    ["a resource of a type that is none", () => ({ kind: "constructor", on: "constructor" }), false],
    ["a resource whose id is none", () => ({ on: "prj_x" }), false],
    ["a board whose id is none", () => ({ on: "brd_../x", kind: "board" }), false],
    ["a subject whose id is none", () => ({ who: "usr_x", does: "project.read" }), false],
    ["a subject of a type that is none", () => ({ type: "robot" }), false],
  ])("asked by an admin: %s", async (_name, named, expected) => expect(await asks(org.admin, named())).toBe(expected));

  test("[R22] a service account may what its creator may too, and nothing that is for people", async () => {
    const maker = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "s@example.org",
      role: "admin",
    });
    const caller = await world.as(maker, org.id);
    const { id: who } = await caller.createServiceAccount({
      name: "System",
      method: "client_secret",
      roles: [{ role: "admin" }],
    });
    expect(await asks(org.admin, { who })).toBe(true);
    expect(await asks(org.admin, { who, does: "billing.read", on: org.id, kind: "organisation" })).toBe(false);
    expect(await asks(org.admin, { who, does: "role.give" })).toBe(false);
    const admin = await world.as(org.admin, org.id);
    const { items } = await admin.listColleagueGrants({ userId: maker.userId, limit: 10 });
    const [grant] = items;
    await admin.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 });
    expect(await asks(org.admin, { who })).toBe(false);
  });

  test("is asked by anyone about themselves, and by nobody else about others", async () => {
    expect(await asks(observer, { who: observer.userId, does: "project.read" })).toBe(true);
    expect(await asks(observer, { who: observer.userId })).toBe(false);
    expect(await asks(observer, { who: observer.userId, does: "project.read", on: loose })).toBe(false);
    expect(await outcome(asks(observer))).toBe("forbidden about_others");
    expect(await outcome(asks(manager, { who: observer.userId }))).toBe("forbidden about_others");
    expect(await outcome(asks(manager, { who: world.newId("usr") }))).toBe("forbidden about_others");
    expect(await outcome(world.from("gateway").evaluateAccess(question()))).toBe("unauthenticated token_missing");
    expect(await outcome(world.from("contacts").evaluateAccess(question()))).toBe("unauthenticated token_missing");
    // Who holds nothing there and follows a project asks about themselves, too.
    const stranger = await world.person("stranger@example.org");
    world.elsewhere.followed.set(stranger.userId, [org.id]);
    expect(await asks(stranger, { who: stranger.userId, does: "project.read" })).toBe(false);
    expect(await outcome(asks(stranger))).toBe("forbidden about_others");
    const account = await world.as(org.admin);
    expect(await outcome(account.evaluateAccess(question()))).toMatch(/^unauthenticated/);
  });

  test("[R19] counts a role that was taken no more", async () => {
    const invited = { organisationId: org.id, admin: org.admin, scope: loose };
    const leaver = await world.colleague({ ...invited, email: "l@example.org", role: "manager" });
    const named = { who: leaver.userId, on: loose };
    expect(await asks(org.admin, named)).toBe(true);
    const admin = await world.as(org.admin, org.id);
    const { items } = await admin.listColleagues({ limit: 200 });
    const [grant] = items.find(({ userId }) => userId === leaver.userId)?.grants ?? [];
    await admin.takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 });
    await expect.poll(() => asks(org.admin, named), { timeout: 1_000, interval: 20 }).toBe(false);
    // Who says what they saw of the grants is answered by nothing older.
    const again = await admin.giveRole({ userId: observer.userId, role: "manager", scope: loose });
    const seen = await world.as(org.admin, org.id, { grantsVersion: again.version });
    expect((await seen.evaluateAccess(question({ who: observer.userId, on: loose }))).decision).toBe(true);
  });
});

describe("[Z1] several evaluations at once", () => {
  const ask = async (by: Person, request: object) => (await world.as(by, org.id)).evaluateAccesses(request as never);
  const decisions = ({ evaluations }: Awaited<ReturnType<typeof ask>>) => evaluations.map(({ decision }) => decision);
  const on = (id: string, kind = "project") => ({ resource: { type: kind, id } });

  test("each takes what it does not say from the top", async () => {
    const { subject, action } = question();
    const told = await ask(org.admin, {
      ...{ subject, action },
      evaluations: [
        on(project),
        on(loose),
        { ...on(project), action: { name: "project.delete" } },
        { ...on(loose), subject: { type: "user", id: org.admin.userId } },
      ],
    });
    expect(decisions(told)).toEqual([true, false, false, true]);
    expect(told.decision).toBeUndefined();
  });

  test("without any, what stands at the top is the one question", async () => {
    expect(await ask(org.admin, question())).toMatchObject({ decision: true, evaluations: [] });
    expect(await ask(org.admin, { ...question({ does: "project.delete" }), evaluations: [] })).toMatchObject({
      decision: false,
    });
    const { subject, action } = question();
    expect(await outcome(ask(org.admin, { subject, action }))).toBe("invalid incomplete_question");
    expect(await outcome(ask(observer, question()))).toBe("forbidden about_others");
  });

  test.each<[string | undefined, boolean[]]>([
    [undefined, [true, false, true, false]],
    ["execute_all", [true, false, true, false]],
    ["deny_on_first_deny", [true, false]],
    ["permit_on_first_permit", [true]],
  ])("by the semantic %s", async (evaluationsSemantic, expected) => {
    const { subject, action } = question();
    const evaluations = [on(project), on(loose), on(project), on(loose)];
    const options = evaluationsSemantic === undefined ? {} : { options: { evaluationsSemantic } };
    const told = await ask(org.admin, { subject, action, evaluations, ...options });
    expect(decisions(told)).toEqual(expected);
    const reason = evaluationsSemantic === "deny_on_first_deny" ? { reason: "deny_on_first_deny" } : undefined;
    if (reason) expect(told.evaluations.at(-1)?.context).toMatchObject(reason);
  });

  test("one that cannot be asked is a no with its error, and the others are answered", async () => {
    const own = question({ who: observer.userId, does: "project.read" });
    const told = await ask(observer, { evaluations: [own, question(), { subject: own.subject }, own] });
    expect(told.evaluations).toMatchObject([
      { decision: true },
      { decision: false, context: { error: { status: 403 } } },
      { decision: false, context: { error: { status: 400 } } },
      { decision: true },
    ]);
  });

  test("one about an id that is none leaves the others their answers", async () => {
    const { subject, action } = question();
    const evaluations = [on(project), on("prj_x"), on("brd_x", "board"), on(project)];
    expect(decisions(await ask(org.admin, { subject, action, evaluations }))).toEqual([true, false, false, true]);
  });

  test("a hundred cost one call to each owner of what they are about, and none for projects", async () => {
    const boards = Array.from({ length: 60 }, () => world.newId("brd"));
    for (const id of boards) world.elsewhere.boards.set(id, project);
    const subject = { type: "user", id: manager.userId };
    const evaluations = [
      ...boards.map((id) => ({ ...on(id, "board"), action: { name: "board.edit" } })),
      ...Array.from({ length: 40 }, () => ({ ...on(project), action: { name: "project.edit" } })),
    ];
    expect(decisions(await ask(org.admin, { subject, evaluations }))).toEqual(Array(100).fill(true));
    expect(world.elsewhere.asked.map(({ length }) => length)).toEqual([60]);
    expect(await outcome(ask(org.admin, { subject, evaluations: [...evaluations, question()] }))).toBe(
      "invalid invalid_request",
    );
  });

  test.each<[string, object]>([
    ["a semantic that is none", { options: { evaluationsSemantic: "ask_nobody" } }],
    ["a subject without an id", { subject: { type: "user", id: "" } }],
  ])("refuses %s", async (_name, wrong) => {
    expect(await outcome(ask(org.admin, { ...question(), ...wrong }))).toBe("invalid invalid_request");
  });
});
