import type { Events } from "@partake/contract";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type IdentityWorld, type Person, startIdentityWorld } from "./identity-world.ts";
import { type Published, publishTo } from "./publishing.ts";

let world: IdentityWorld;
let org: { id: string; admin: Person };
const seen: { topic: string; key: string; type: string; data: Record<string, unknown> }[] = [];
let stopListening: () => Promise<void>;

beforeAll(async () => {
  world = await startIdentityWorld();
  const consumer = world.kafka.consumer({ groupId: `${world.kafkaPrefix}test`, maxWaitTimeInMs: 200 });
  await consumer.connect();
  await consumer.subscribe({
    topics: ["roles", "presence", "audit"].map((topic) => `${world.kafkaPrefix}${topic}`),
    fromBeginning: true,
  });
  await consumer.run({
    async eachMessage({ topic, message }) {
      const type = String(message.headers?.["ce_type"]);
      seen.push({
        topic: topic.slice(world.kafkaPrefix.length),
        key: String(message.key),
        type,
        data: JSON.parse(String(message.value)),
      });
    },
  });
  stopListening = () => consumer.disconnect();
  org = await world.organisation("Eventful");
}, 120_000);

afterAll(async () => {
  await stopListening?.();
  await world?.stop();
});

const publish = <T extends keyof Events>(of: Published<T>) => publishTo(world, of);

const grantsOf = async (userId: string) =>
  (await world.from("gateway").readGrants({ organisationId: org.id, userId })).grants;

describe("what identity tells", () => {
  test("[R19] each change of a grant, at a version that grows, and a heartbeat", async () => {
    const worker = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "w@example.org",
      role: "member",
    });
    const [grant] = await grantsOf(worker.userId);
    await (await world.as(org.admin, org.id)).takeRole({ grantId: grant?.id ?? "" }, { ifMatch: grant?.version ?? 0 });
    const told = () =>
      seen
        .filter(({ type, key }) => type === "org.partake.grant.changed.v1" && key === grant?.id)
        .map(({ data }) => data);
    await expect.poll(() => told().length, { timeout: 10_000 }).toBe(2);
    const [given, taken] = told();
    expect(given).toMatchObject({ role: "member", removed: false, userId: worker.userId, version: grant?.version });
    expect(taken).toMatchObject({ removed: true, version: (grant?.version ?? 0) + 1 });
    const beats = () => seen.filter(({ type }) => type === "org.partake.identity.heartbeat.v1").length;
    const before = beats();
    await expect.poll(() => beats() - before, { timeout: 5_000 }).toBeGreaterThanOrEqual(3);
  });

  test("an organisation's switches, and nothing personal", async () => {
    const admin = await world.as(org.admin, org.id);
    const { version } = await admin.getOrganisation({});
    await admin.updateOrganisation({ visitorsSeeProjects: true }, { ifMatch: version });
    const told = () =>
      seen.filter(
        ({ type, data }) => type === "org.partake.organisation.changed.v1" && data["visitorsSeeProjects"] === true,
      );
    await expect.poll(() => told().length, { timeout: 10_000 }).toBeGreaterThanOrEqual(1);
    const everything = JSON.stringify(seen);
    expect(everything).not.toContain("@example.org");
    expect(everything).not.toContain("Eventful");
  });
});

describe("what identity does on events", () => {
  test("whoever creates a project becomes its manager, once", async () => {
    const creator = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "c@example.org",
      role: "creator",
    });
    const projectId = world.newId("prj");
    const data = {
      projectId,
      organisationId: org.id,
      status: "draft" as const,
      visibility: "people" as const,
      createdBy: creator.userId,
      version: 1,
    };
    const event = {
      topic: "scopes",
      source: "/partake/projects",
      type: "org.partake.project.scope-changed.v1" as const,
      key: projectId,
    };
    await publish({ ...event, data });
    await publish({ ...event, data: { ...data, version: 2, status: "published" } });
    await expect
      .poll(async () => (await grantsOf(creator.userId)).map(({ role, scope }) => `${role}:${scope}`), {
        timeout: 10_000,
      })
      .toContain(`manager:${projectId}`);
    await publish({ ...event, data: { ...data, version: 3, status: "published" } });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect((await grantsOf(creator.userId)).filter(({ scope }) => scope === projectId)).toHaveLength(1);
  });

  test("whoever creates a contact may post updates on it, until it is deleted", async () => {
    const creator = await world.colleague({
      organisationId: org.id,
      admin: org.admin,
      email: "k@example.org",
      role: "creator",
    });
    const contactId = world.newId("con");
    const data = {
      contactId,
      organisationId: org.id,
      projectIds: [],
      deleted: false,
      createdBy: creator.userId,
      version: 1,
    };
    const event = {
      topic: "contacts",
      source: "/partake/contacts",
      type: "org.partake.contact.scope-changed.v1" as const,
      key: contactId,
    };
    await publish({ ...event, data });
    const roles = async () => (await grantsOf(creator.userId)).map(({ role, scope }) => `${role}:${scope}`);
    await expect.poll(roles, { timeout: 10_000 }).toContain(`contact_updates:${contactId}`);
    await publish({ ...event, data: { ...data, deleted: true, version: 2 } });
    await expect.poll(roles, { timeout: 10_000 }).not.toContain(`contact_updates:${contactId}`);
    await publish({ ...event, data: { ...data, version: 1 } });
    await new Promise((resolve) => setTimeout(resolve, 1_000));
    expect(await roles()).not.toContain(`contact_updates:${contactId}`);
  });
});
