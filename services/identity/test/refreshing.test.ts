import { afterAll, beforeAll, describe, expect, test } from "vitest";
import {
  claimsOf,
  type LoginWorld,
  logIn,
  operator,
  organisationOf,
  refreshAt,
  startLoginWorld,
} from "./login-world.ts";

let world: LoginWorld;

beforeAll(async () => {
  world = await startLoginWorld();
});
afterAll(() => world?.stop());

const refresh = (token: string, resource?: string) => refreshAt(world, token, resource);

describe("refreshing", () => {
  test("[X5] a refresh token used twice revokes the family", async () => {
    const tokens = await logIn(world, "ada@example.org");
    const second = await refresh(tokens.refresh_token);
    expect(second.status).toBe(200);
    expect(await refresh(tokens.refresh_token)).toMatchObject({ status: 400, error: "invalid_grant" });
    expect(await refresh(second.refresh_token)).toMatchObject({ status: 400, error: "invalid_grant" });
  });

  test.each([5, 2, 2, 2])("of %i refreshes at once one wins, and the family ends", async (count) => {
    const tokens = await logIn(world, "ada@example.org");
    const answers = await Promise.all(Array.from({ length: count }, () => refresh(tokens.refresh_token)));
    const won = answers.filter((answer) => answer.status === 200);
    expect(won.length).toBeLessThanOrEqual(1);
    for (const winner of won) expect((await refresh(winner.refresh_token)).status).toBe(400);
  });

  test("[R19] gives a token for each organisation in which the person holds something", async () => {
    const tokens = await logIn(world, "worker@example.org");
    const userId = String(claimsOf(tokens.access_token)["sub"]);
    const [one, two] = [
      await organisationOf(world, { userId }),
      await organisationOf(world, { userId, role: "member" }),
    ];
    const first = await refresh(tokens.refresh_token, `${world.origin}/orgs/${one}`);
    expect(claimsOf(first.access_token)).toMatchObject({
      aud: `${world.origin}/orgs/${one}`,
      roles: [`admin:${one}`],
      grants_version: 1,
    });
    expect(first.scope).toBeUndefined();
    const second = await refresh(first.refresh_token, `${world.origin}/orgs/${two}`);
    expect(claimsOf(second.access_token)).toMatchObject({ roles: [`member:${two}`] });
    const account = await refresh(second.refresh_token);
    expect(claimsOf(account.access_token)).toMatchObject({ aud: `${world.origin}/account` });
  });

  test("past a hundred roles the token only refers to the grants", async () => {
    const tokens = await logIn(world, "many@example.org");
    const userId = String(claimsOf(tokens.access_token)["sub"]);
    const id = await organisationOf(world, { userId });
    const held = { organisationId: id, userId, role: "observer", grantsVersion: 1, removed: false, version: 1 };
    const given = { origin: "given", grantedBy: "test", grantedAt: new Date() };
    const many = Array.from({ length: 100 }, () => ({
      _id: world.newId("grn"),
      scope: world.newId("prj"),
      ...held,
      ...given,
    }));
    await world.database.collection<(typeof many)[number]>("grants").insertMany(many);
    const claims = claimsOf((await refresh(tokens.refresh_token, `${world.origin}/orgs/${id}`)).access_token);
    expect(claims).toMatchObject({ roles_ref: true, grants_version: 1 });
    expect(claims["roles"]).toBeUndefined();
  });

  test("an organisation of others, one that is not there and the platform are all the same invalid_target, which uses no token up", async () => {
    const tokens = await logIn(world, "stranger@example.org");
    const others = await organisationOf(world, { userId: world.newId("usr") });
    for (const id of [others, world.newId("org"), "platform", "org_1", `${others}/x`]) {
      const answer = await refresh(tokens.refresh_token, `${world.origin}/orgs/${id}`);
      expect(answer).toEqual({ status: 400, error: "invalid_target", error_description: expect.any(String) });
    }
    expect((await refresh(tokens.refresh_token)).status).toBe(200);
  });

  test("[R10] whoever holds nothing gets a token where there are projects for registered users to see, and it says that", async () => {
    const tokens = await logIn(world, "passer-by@example.org");
    const others = await organisationOf(world, { userId: world.newId("usr") });
    world.open.add(others).add("platform");
    const answer = await refresh(tokens.refresh_token, `${world.origin}/orgs/${others}`);
    expect(claimsOf(answer.access_token)).toMatchObject({ aud: `${world.origin}/orgs/${others}`, roles: [] });
    const { organisations } = await import("../src/store/organisations.ts");
    await world.store.write({ actorId: "test", traceparent: undefined }, async (tx) => {
      const found = await tx.get(organisations, others);
      if (found) await tx.update(organisations, found, { state: "suspended" });
      return others;
    });
    for (const id of [others, "platform"])
      expect(await refresh(answer.refresh_token, `${world.origin}/orgs/${id}`)).toMatchObject({
        error: "invalid_target",
      });
    expect((await refresh(answer.refresh_token)).status).toBe(200);
  });

  test("operators get a token for the platform, and lose it when they are no longer listed", async () => {
    const tokens = await logIn(world, operator);
    const platform = await refresh(tokens.refresh_token, `${world.origin}/orgs/platform`);
    expect(claimsOf(platform.access_token)["roles"]).toEqual(["platform_operator:platform"]);
    const { accounts } = await import("../src/store/accounts.ts");
    await accounts({
      store: world.store,
      newId: world.newId,
      clock: { now: () => new Date() },
      platformOperators: [],
      billingOperators: [],
    }).dismissOperators();
    expect(await refresh(platform.refresh_token, `${world.origin}/orgs/platform`)).toMatchObject({
      error: "invalid_target",
    });
  });

  test("a disabled person neither refreshes nor logs in", async () => {
    const tokens = await logIn(world, "leaver@example.org");
    const { users } = await import("../src/store/users.ts");
    const userId = String(claimsOf(tokens.access_token)["sub"]);
    await world.store.write({ actorId: "test", traceparent: undefined }, async (tx) => {
      const user = await tx.get(users, userId);
      if (user !== undefined) await tx.update(users, user, { enabled: false });
      return userId;
    });
    expect((await refresh(tokens.refresh_token)).status).toBe(400);
    await expect(logIn(world, "leaver@example.org")).rejects.toThrow(/403/);
  });
});
