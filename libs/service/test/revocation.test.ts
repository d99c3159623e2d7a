import { type Events, operation } from "@partake/contract";
import { openChannel } from "@partake/rpc";
import { afterAll, beforeAll, describe, expect, test, vi } from "vitest";
import { GRANT, type IdentityStandIn, startIdentity } from "./identity-stand-in.ts";
import { ORGANISATION, type Started, type Surroundings, speakAsIdentity, surround, USER } from "./process.ts";

const getBalance = operation("/partake.v1.Billing/GetBalance");

let surroundings: Surroundings;
let identity: IdentityStandIn;
let speaking: ReturnType<typeof speakAsIdentity>;
let service: Started;

beforeAll(async () => {
  surroundings = await surround();
  expect(await surroundings.start({}, "migrate").ended).toBe(0);
  identity = await startIdentity(surroundings);
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
  await identity.stop();
  await speaking.stop();
  surroundings.close();
});

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
    const before = identity.reads();
    for (let count = 0; count < 20; count += 1) expect(await ask(token)).toBe("ok");
    expect(identity.reads()).toBe(before);
  });
});
