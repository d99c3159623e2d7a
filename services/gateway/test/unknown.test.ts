import { newId } from "@partake/testing";
import { expect, test } from "vitest";
import { startGatewayWorld } from "./gateway-world.ts";

test("[R19] where the database cannot say whose a session is, the answer is 503 and never another", async () => {
  const world = await startGatewayWorld();
  const id = newId("fld");
  const path = `/v1/folders/${id}`;
  world.upstream.answers.set("GetFolder", () => ({ id, organisationId: world.organisationId, version: 1 }));
  const admin = world.people.person([["admin", world.organisationId]]);
  const headers = { cookie: `__Host-partake=${"A".repeat(43)}`, "partake-organisation": world.organisationId };
  expect((await world.ask("GET", path, { headers })).json.reason).toBe("session_ended");
  await world.store.close();
  for (const asked of [path, "/auth/session", `/events?organisation=${world.organisationId}`]) {
    const told = await world.ask("GET", asked, { headers });
    expect([asked, told.status]).toEqual([asked, 503]);
    expect(told.headers.get("retry-after")).not.toBeNull();
  }
  expect(world.upstream.seen).toEqual([]);
  // A bearer's token needs nothing of it.
  expect((await world.ask("GET", path, { as: admin })).status).toBe(200);
  await world.stop();
});
