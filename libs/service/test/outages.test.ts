import { operation } from "@partake/contract";
import { openChannel } from "@partake/rpc";
import { type BrokerProxy, startBrokerProxy } from "@partake/testing";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from "vitest";
import { GRANT, type IdentityStandIn, startIdentity } from "./identity-stand-in.ts";
import { ORGANISATION, type Started, type Surroundings, speakAsIdentity, surround, USER } from "./process.ts";

const getBalance = operation("/partake.v1.Billing/GetBalance");
/** For a busy machine; much less than a token's five minutes. */
const patient = { timeout: 60_000, interval: 100 };

let surroundings: Surroundings;
let kafka: BrokerProxy;
let identity: IdentityStandIn;
let speaking: ReturnType<typeof speakAsIdentity>;
let service: Started;

beforeAll(async () => {
  surroundings = await surround();
  expect(await surroundings.start({}, "migrate").ended).toBe(0);
  speaking = speakAsIdentity(surroundings);
  kafka = await startBrokerProxy(surroundings.environment["KAFKA_BROKERS"]?.split(",")[0] ?? "");
});
beforeEach(async () => {
  identity = await startIdentity(surroundings);
  service = surroundings.start({ IDENTITY_ADDRESS: `127.0.0.1:${identity.port}`, KAFKA_BROKERS: kafka.broker });
  const isReady = async () => {
    if (service.child.exitCode !== null) throw new Error(`it ended: ${service.lines.join("\n")}`);
    const answer = await fetch(`http://127.0.0.1:${service.adminPort}/readyz`);
    if (!answer.ok) throw new Error(`not ready yet: ${service.lines.at(-1)}`);
  };
  await vi.waitFor(isReady, { timeout: 60_000, interval: 200 });
});
afterEach(async () => {
  service.child.kill("SIGKILL");
  await service.ended;
  await identity.stop();
});
afterAll(async () => {
  await speaking.stop();
  await kafka.close();
  surroundings.close();
});

async function ask(userToken: string): Promise<string> {
  const target = `127.0.0.1:${service.rpcPort}`;
  const channel = openChannel({ owner: "billing", target, serviceToken: surroundings.serviceToken });
  try {
    await channel.call(getBalance, {}, { userToken, timeoutMs: 5_000, idempotencyKey: "0" });
    return "ok";
  } catch (error) {
    return `${(error as { code: string }).code} ${(error as { reason: string }).reason}`;
  } finally {
    channel.close();
  }
}

/** identity has taken the role and tells of it; whether that reaches the service is Kafka's affair. */
async function takeRole(): Promise<void> {
  identity.takeRole();
  const grant = { grantId: GRANT, organisationId: ORGANISATION, userId: USER, role: "admin", scope: ORGANISATION };
  const data = { ...grant, peerReview: false, removed: true, grantedAt: "2026-01-01T00:00:00Z", version: 2 } as const;
  await speaking.bus.publish({ type: "org.partake.grant.changed.v1", data });
}

const refused = /^(forbidden|not_found) /;

describe("[R18 R19] a role that is taken while nobody can be told", () => {
  test("is refused as soon as identity is asked, long before the token ends", async () => {
    const token = surroundings.token();
    await expect.poll(() => ask(token), patient).toBe("ok");
    await kafka.takeAway();
    await takeRole();
    await expect.poll(() => ask(token), patient).toMatch(refused);
    for (let count = 0; count < 20; count += 1) expect(await ask(token)).toMatch(refused);
    await kafka.bringBack();
    for (let count = 0; count < 20; count += 1) expect(await ask(token)).toMatch(refused);
  }, 180_000);

  test("and nobody can be asked, goes on for what is left of the token and no longer", async () => {
    await expect.poll(() => ask(surroundings.token()), patient).toBe("ok");
    await kafka.takeAway();
    await takeRole();
    const { port } = identity;
    await identity.stop();
    const lifeSeconds = 12;
    const token = surroundings.token(lifeSeconds);
    const endsMs = Date.now() + lifeSeconds * 1_000;
    let lastOkMs = 0;
    const asked = async () => {
      const atMs = Date.now();
      const answer = await ask(token);
      if (answer === "ok") lastOkMs = atMs;
      return answer;
    };
    await expect.poll(asked, patient).toBe("unauthenticated token_expired");
    expect(lastOkMs).toBeGreaterThan(0);
    expect(lastOkMs).toBeLessThanOrEqual(endsMs);
    for (let count = 0; count < 10; count += 1) expect(await ask(token)).toBe("unauthenticated token_expired");

    identity = await startIdentity(surroundings, { port });
    identity.takeRole();
    await kafka.bringBack();
    await expect.poll(() => ask(surroundings.token()), patient).toMatch(refused);
  }, 180_000);
});
