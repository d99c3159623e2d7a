import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type BrokerProxy, newId, readMail, startBrokerProxy, type Visitor, visit } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, inject, test } from "vitest";
import { type Mailbox, startMailbox } from "../local/mailbox/mailbox.ts";
import { type Platform, startPlatform } from "../local/platform/platform.ts";
import { silentReporter } from "../local/terminal/reporter.ts";

// A platform of its own: its Kafka can be taken away, and its identity stopped.
const services = ["identity", "projects", "messaging", "gateway"] as const;
const nowhere = "127.0.0.1:1";
const environment = { CONTACTS_ADDRESS: nowhere, PROGRESS_ADDRESS: nowhere, BILLING_ADDRESS: nowhere };
/** For a busy machine; much less than a token's five minutes. */
const patient = { timeout: 60_000, interval: 50 };
/** Longer than what was read counts while nobody tells of changes. */
const whileMs = 6_000;

let folder: string;
let kafka: BrokerProxy;
let mailbox: Mailbox;
let platform: Platform;
let admin: Visitor;
const organisationId = newId("org");
const projectId = newId("prj");

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "partake-outages-"));
  kafka = await startBrokerProxy(inject("kafkaBrokers").split(",")[0] ?? "");
  mailbox = await startMailbox({ httpPort: 0, smtpPort: 0 });
  platform = await startPlatform({
    infrastructure: { mongodbUri: inject("mongodbUri"), kafkaBrokers: kafka.broker },
    folder,
    smtpUrl: mailbox.smtpUrl,
    reporter: silentReporter,
    databasePrefix: `${inject("databasePrefix")}_outages`,
    kafkaPrefix: `${inject("kafkaPrefix")}outages-`,
    services,
    environment,
  });
  const operator = (await person("operator@partake.example")).at("platform").identity;
  const of = { name: "Riverside", preset: "charity", timeZone: "Europe/London", language: "en" } as const;
  await operator.createOrganisation({ id: organisationId, ...of });
  await operator.inviteFirstAdmin({ organisationId, id: newId("inv"), email: "asha@riverside.example" });
  admin = await person("asha@riverside.example");
  await accept(admin);
  const project = { id: projectId, title: "Back on my feet", visibility: "people" } as const;
  await admin.at(organisationId).projects.createProject(project);
}, 240_000);

afterAll(async () => {
  await platform?.stop();
  await mailbox?.stop();
  await kafka?.close();
  await rm(folder, { recursive: true, force: true });
});

function person(email: string): Promise<Visitor> {
  return visit({ origin: platform.origin, mailboxUrl: mailbox.url, email });
}

async function accept(visitor: Visitor): Promise<void> {
  const pattern = /\/invitations#([A-Za-z0-9_-]{43})/;
  const token = await readMail({ mailboxUrl: mailbox.url, to: visitor.email, pattern });
  await visitor.at("account").identity.acceptInvitation({ token });
}

/** Somebody who may enter the organisation and holds nothing in its project. */
async function colleague(name: string): Promise<Visitor & { userId: string }> {
  const email = `${name}@riverside.example`;
  await admin.at(organisationId).identity.inviteColleague({ id: newId("inv"), email, role: "member" });
  const visitor = await person(email);
  await accept(visitor);
  const { id: userId } = await visitor.at("account").identity.getMe({});
  return { ...visitor, userId };
}

function give(userId: string, role: "observer" | "manager" = "observer") {
  const { identity } = admin.at(organisationId);
  return identity.giveRole({ id: newId("grn"), userId, role, scope: projectId });
}

const fresh = ({ person }: Visitor) => person.token(organisationId, { refresh: true });

async function send(method: string, path: string, init: RequestInit = {}): Promise<number> {
  const answer = await fetch(`${platform.origin}${path}`, { method, ...init, redirect: "manual" });
  await answer.arrayBuffer();
  return answer.status;
}

const project = (token: string) =>
  send("GET", `/v1/projects/${projectId}`, { headers: { authorization: `Bearer ${token}` } });

/** What an address answers all the while. */
async function answersFor(ms: number, ask: () => Promise<number>): Promise<number[]> {
  const answers = new Set<number>();
  for (const untilMs = Date.now() + ms; Date.now() < untilMs; await new Promise((resolve) => setTimeout(resolve, 50)))
    answers.add(await ask());
  return [...answers];
}

describe("[R18 R19] with Kafka away", () => {
  test("a role that is taken is refused long before its token ends, and stays refused when Kafka is back", async () => {
    const leaver = await colleague("leaver");
    const grant = await give(leaver.userId);
    const token = await fresh(leaver);
    await expect.poll(() => project(token), patient).toBe(200);
    await kafka.takeAway();
    try {
      await admin.at(organisationId).identity.takeRole({ grantId: grant.id }, { ifMatch: grant.version });
      await expect.poll(() => project(token), patient).toBe(404);
      expect(await answersFor(whileMs, () => project(token))).toEqual([404]);
    } finally {
      await kafka.bringBack();
    }
    expect(await answersFor(whileMs, () => project(token))).toEqual([404]);
  }, 240_000);
  test("whoever lost a role sees nothing that is written after that, though nobody was told", async () => {
    const [leaver, writer] = [await colleague("enemy"), await colleague("writer")];
    const grant = await give(leaver.userId);
    await give(writer.userId, "manager");
    const token = await fresh(leaver);
    await expect.poll(() => project(token), patient).toBe(200);
    const asWriter = writer.at(organisationId).projects;
    const { version } = await asWriter.getProject({ projectId });
    await kafka.takeAway();
    try {
      await admin.at(organisationId).identity.takeRole({ grantId: grant.id }, { ifMatch: grant.version });
      // Read by the admin, the new version is known where the other one writes.
      await admin.at(organisationId).projects.getProject({ projectId });
      await asWriter.updateProject({ projectId, description: "After they left." }, { ifMatch: version });
      expect(await project(token)).toBe(404);
    } finally {
      await kafka.bringBack();
    }
    expect(await answersFor(whileMs, () => project(token))).toEqual([404]);
  }, 240_000);
});

describe("[R19] with identity stopped", () => {
  test("valid tokens keep working, nothing new is granted, and when it is back all goes on", async () => {
    const [holder, newcomer] = [await colleague("holder"), await colleague("newcomer")];
    await give(holder.userId);
    const [held, unaware] = [await fresh(holder), await fresh(newcomer)];
    const asAdmin = { authorization: `Bearer ${await fresh(admin)}` };
    await expect.poll(() => project(held), patient).toBe(200);
    expect(await project(unaware)).toBe(404);
    await give(newcomer.userId);
    await platform.process("identity").stop();
    try {
      expect(await answersFor(whileMs, () => project(held))).toEqual([200]);
      // The one who was given a role a moment ago is sent for a token that says so, which is not to be had.
      const answers = await answersFor(whileMs, () => project(unaware));
      expect(answers.filter((status) => status !== 401 && status !== 404)).toEqual([]);
      await expect(fresh(newcomer)).rejects.toThrow();
      expect(await send("GET", "/auth/login")).toBe(503);
      const form = { "content-type": "application/x-www-form-urlencoded" };
      expect(await send("POST", "/oidc/token", { headers: form, body: "grant_type=refresh_token" })).toBe(503);
      const headers = { ...asAdmin, "content-type": "application/json", "idempotency-key": newId("key") };
      const role = { id: newId("grn"), userId: newcomer.userId, role: "manager", scope: projectId };
      expect(await send("POST", "/v1/grants", { headers, body: JSON.stringify(role) })).toBe(503);
    } finally {
      await platform.process("identity").restart();
    }
    const aware = await fresh(newcomer);
    await expect.poll(() => project(aware), patient).toBe(200);
    expect(await project(held)).toBe(200);
  }, 240_000);
});
