import { type Events, operation, operations } from "@partake/contract";
import { createEnforcer, type Implementations, openChannel, type RpcServer, serve } from "@partake/rpc";
import { GrantsView, PlacesView, type ReadGrants } from "@partake/service";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { ORGANISATION, ORIGIN, type Started, type Surroundings, speakAsIdentity, surround, USER } from "./process.ts";

const GRANT = "grn_01890000-0000-7000-8000-000000000009";
const getBalance = operation("/partake.v1.Billing/GetBalance");

let surroundings: Surroundings;
let identity: RpcServer;
let speaking: ReturnType<typeof speakAsIdentity>;
let service: Started;
let reads = 0;

beforeAll(async () => {
  surroundings = await surround();
  expect(await surroundings.start({}, "migrate").ended).toBe(0);
  identity = await standInForIdentity();
  speaking = speakAsIdentity(surroundings);
  service = surroundings.start({ IDENTITY_ADDRESS: `127.0.0.1:${identity.port}` });
  const isReady = async () => {
    const answer = await fetch(`http://127.0.0.1:${service.adminPort}/readyz`);
    if (!answer.ok) throw new Error("not ready yet");
  };
  await vi.waitFor(isReady, { timeout: 30_000, interval: 200 });
});

afterAll(async () => {
  service.child.kill("SIGKILL");
  await service.ended;
  await identity.stop(100);
  await speaking.stop();
  surroundings.close();
});

/** Answers what identity would of the one person: an admin, at version 1. */
function standInForIdentity(): Promise<RpcServer> {
  const grant = {
    id: GRANT,
    organisationId: ORGANISATION,
    userId: USER,
    role: "admin",
    scope: ORGANISATION,
    version: 1,
  };
  const readGrants = async (): Promise<ReadGrants> => {
    reads += 1;
    const grants = [{ ...grant, grantedAt: "2026-01-01T00:00:00Z", removed: false }];
    return { grants, version: 1, enabled: true } as ReadGrants;
  };
  const declared = operations.filter(({ service }) => service === "Identity");
  const refused = Object.fromEntries(
    declared.map(({ name }) => [name.charAt(0).toLowerCase() + name.slice(1), readGrants]),
  );
  const grants = new GrantsView({ source: { read: () => readGrants() } });
  const places = new PlacesView({ source: { read: async () => ({ items: [], nextCursor: "" }) }, fresh: () => true });
  const keys = { key: async () => undefined, onChange: () => undefined };
  const enforcer = createEnforcer({ origin: ORIGIN, keys, serviceKeys: surroundings.serviceKeys, grants, places });
  return serve({ services: { Identity: refused } as object as Implementations, port: 0, host: "127.0.0.1", enforcer });
}

async function ask(userToken: string): Promise<string> {
  const channel = openChannel({
    owner: "billing",
    target: `127.0.0.1:${service.rpcPort}`,
    serviceToken: surroundings.serviceToken,
  });
  try {
    await channel.call(getBalance, {}, { userToken, timeoutMs: 5_000, idempotencyKey: "0" });
    return "ok";
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as { reason: string }).reason}`;
  } finally {
    channel.close();
  }
}

function change(version: number, more: Partial<Events["org.partake.grant.changed.v1"]>): Promise<void> {
  const base = { grantId: GRANT, organisationId: ORGANISATION, userId: USER, role: "admin", scope: ORGANISATION };
  const data = { ...base, peerReview: false, removed: false, grantedAt: "2026-01-01T00:00:00Z", version, ...more };
  return speaking.bus.publish({ type: "org.partake.grant.changed.v1", data });
}

describe("a person's role", () => {
  test("[R18] that is taken is refused within a second, though their token is valid and warm; given back it counts again", async () => {
    const token = surroundings.token();
    await expect.poll(() => ask(token), { timeout: 10_000 }).toBe("ok");
    expect(await ask(token)).toBe("ok");
    await change(2, { removed: true });
    await expect.poll(() => ask(token), { timeout: 1_000, interval: 50 }).toMatch(/^(forbidden|not_found) /);
    await change(3, {});
    await expect.poll(() => ask(token), { timeout: 1_000, interval: 50 }).toBe("ok");
    await change(2, { removed: true });
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await ask(token)).toBe("ok");
  });

  test("[R18] counts for nothing from the moment that they are disabled", async () => {
    const token = surroundings.token();
    expect(await ask(token)).toBe("ok");
    await speaking.bus.publish({
      type: "org.partake.user.changed.v1",
      data: { userId: USER, enabled: false, version: 2 },
    });
    await expect.poll(() => ask(token), { timeout: 1_000, interval: 50 }).toBe("unauthenticated token_invalid");
  });

  test("is asked for once, however many calls are made", async () => {
    await speaking.bus.publish({
      type: "org.partake.user.changed.v1",
      data: { userId: USER, enabled: true, version: 3 },
    });
    const token = surroundings.token();
    await expect.poll(() => ask(token), { timeout: 2_000 }).toBe("ok");
    const before = reads;
    for (let count = 0; count < 20; count += 1) expect(await ask(token)).toBe("ok");
    expect(reads).toBe(before);
  });
});
