import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { adapterFactory } from "../src/provider/adapter.ts";
import { sessionRecords } from "../src/provider/session-records.ts";
import { type Documents, openDocuments } from "../src/store/documents.ts";
import { endSessions, loginSessions, mostSessions, openSessions, sessionIdOf } from "../src/store/login-sessions.ts";
import { claimsOf, type LoginWorld, logIn, organisationOf, refreshAt, startLoginWorld } from "./login-world.ts";

let world: LoginWorld;
let documents: Documents;

beforeAll(async () => {
  world = await startLoginWorld();
  const { mongodbUri: uri, mongodbDatabasePrefix: prefix } = world.config;
  documents = await openDocuments({ uri, database: `${prefix}_identity` });
});
afterAll(async () => {
  await documents?.close();
  await world?.stop();
});

interface LoggedIn {
  userId: string;
  refreshToken: string;
  grantId: string;
}

async function somebody(email: string): Promise<LoggedIn> {
  const { access_token, refresh_token: refreshToken } = await logIn(world, email);
  const { sub, sid } = claimsOf(access_token);
  const known = await documents.oidc.find({ model: "RefreshToken" }).toArray();
  const grantId = known.map((record) => record.grantId ?? "").find((id) => sessionIdOf(id) === sid) ?? "";
  return { userId: String(sub), refreshToken, grantId };
}

/** How a log-in ends: the app logs out, or its person ends it from elsewhere. */
const endings: [string, (of: LoggedIn) => Promise<void>][] = [
  [
    "an app that logs out",
    async ({ refreshToken }) => {
      const { status } = await fetch(`${world.origin}/oidc/revocation`, {
        method: "POST",
        headers: { "content-type": "application/x-www-form-urlencoded" },
        body: new URLSearchParams({ client_id: "partake-cli", token: refreshToken }).toString(),
      });
      expect(status).toBe(200);
    },
  ],
  [
    "its person, from elsewhere",
    async ({ userId }) => {
      await world.store.write({ actorId: userId, traceparent: undefined }, async (tx) => {
        await endSessions(tx, await openSessions(tx, userId), { endsBrowser: () => true });
        return userId;
      });
    },
  ],
];

describe("[R23] [X5] a log-in that is ended in the midst of a refresh", () => {
  // Identity asks for what is shown there twice: before the old refresh token is used up, and when the new one is stored.
  const moments: [string, number][] = [
    ["before the refresh token is used up", 1],
    ["when the next one is stored", 2],
  ];
  for (const [how, end] of endings)
    test.each(moments)(`by ${how}, gives nothing out: %s`, async (moment, turn) => {
      const person = await somebody(`${moment.replaceAll(" ", "-")}-${how.slice(-3)}@example.org`);
      const others = await organisationOf(world, { userId: world.newId("usr") });
      world.open.add(others);
      let turns = 0;
      world.asked.set(others, async () => {
        turns += 1;
        if (turns === turn) await end(person);
      });
      const answer = await refreshAt(world, person.refreshToken, `${world.origin}/orgs/${others}`);
      expect(turns).toBeGreaterThanOrEqual(turn);
      expect(answer).toMatchObject({ status: 400, error: "invalid_grant" });
      expect(JSON.stringify(answer)).not.toContain("eyJ");
    });

  test("leaves no token that is stored afterwards, nor one that is stored a moment before", async () => {
    const { grantId } = await somebody("late@example.org");
    const sessions = sessionRecords(world);
    const payload = { grantId, kind: "RefreshToken" };
    const parts = { findAccountToken: nobody, findClient: nobody, now: () => world.clock.now() };
    const tokens = adapterFactory(documents, { ...parts, sessions })("RefreshToken");
    const ending = adapterFactory(documents, {
      ...parts,
      sessions: {
        ...sessions,
        async revoked(id) {
          // The last moment at which the refresh does not see the end yet.
          await tokens.upsert("a moment before", payload, 60);
          await sessions.revoked(id);
        },
      },
    })("RefreshToken");
    await ending.revokeByGrantId(grantId);
    await expect(tokens.upsert("afterwards", payload, 60)).rejects.toThrow("invalid_grant");
    expect(await documents.oidc.countDocuments({ grantId, model: "RefreshToken" })).toBe(0);
  });
});

test("[R23] more log-ins than somebody has at a time end the oldest, so that all that go on can be ended", async () => {
  const { userId, refreshToken } = await somebody("many@example.org");
  const [known] = await world.store.find(loginSessions, { userId });
  if (!known) throw new Error("nobody logged in");
  await world.store.write({ actorId: userId, traceparent: undefined }, async (tx) => {
    for (let count = 0; count < mostSessions - 1; count += 1)
      await tx.insert(loginSessions, { ...known, _id: world.newId("ses"), seenAt: tx.now });
    return userId;
  });
  expect(await openSessions(world.store, userId)).toHaveLength(mostSessions);
  await logIn(world, "many@example.org");
  expect(await openSessions(world.store, userId)).toHaveLength(mostSessions);
  expect(await refreshAt(world, refreshToken)).toMatchObject({ status: 400, error: "invalid_grant" });
});

async function nobody() {
  return undefined;
}
