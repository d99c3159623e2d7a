import { get, type IncomingMessage } from "node:http";
import type { Arrived } from "@partake/bus";
import { failure } from "@partake/failure";
import { newId } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { logInAt } from "./browser.ts";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import type { Person } from "./people.ts";

let world: GatewayWorld;
const project = newId("prj");
const participation = newId("par");

beforeAll(async () => {
  // No beat comes in time: what ends here ends because it was told.
  world = await startGatewayWorld({ hub: { beatMs: 600_000 } });
  world.people.addProject(project, { organisationId: world.organisationId, status: "published", visibility: "people" });
});
afterAll(() => world.stop());

const bearer = (person: Person) => ({ authorization: `Bearer ${world.people.token(person)}` });

/** A client that reads nothing until it is let, so that what it was sent waits on the way. */
function open(path: string, headers: Record<string, string>): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    get(`${world.url}${path}`, { headers, agent: false }, (answer) => resolve(answer.pause())).on("error", reject);
  });
}

/** More than waits on the way. */
const bytes = Buffer.alloc(8 * 1024 * 1024, "a line of text\n");

/** A file that somebody uploaded, which is theirs as long as a test says so. */
async function uploaded(person: Person, isAllowed: () => boolean): Promise<string> {
  let record: Record<string, unknown> = {};
  const { answers } = world.upstream;
  answers.set("CreateFile", ({ id, name, mediaType }) => {
    record = { id, projectId: project, name, mediaType, size: 0, sha256: "", state: "announced", version: 1 };
    return record;
  });
  answers.set("CompleteFile", ({ size, sha256 }) => Object.assign(record, { size, sha256, state: "stored" }));
  answers.set("GetFile", () => {
    if (!isAllowed()) throw failure("not_found", "not_found");
    return record;
  });
  const told = await world.ask("POST", `/v1/participations/${participation}/files`, {
    as: person,
    body: bytes,
    headers: { "content-type": "text/plain", "content-disposition": 'attachment; filename="a.txt"' },
  });
  expect(told.status).toBe(201);
  return told.json.id;
}

const isOver = (answer: IncomingMessage) => answer.destroyed || answer.complete;

function tell(type: string, data: object): void {
  world.hub.broadcast.handle({ id: newId("evt"), type, data } as unknown as Arrived);
}

const changes: [name: string, type: string, data: (person: Person) => object][] = [
  ["a suspended organisation", "org.partake.organisation.changed.v1", ({ organisationId }) => ({ organisationId })],
  ["a project that was deleted", "org.partake.project.scope-changed.v1", ({ organisationId }) => ({ organisationId })],
  ["a disabled person", "org.partake.user.changed.v1", ({ userId }) => ({ userId })],
  ["a log-in that was ended", "org.partake.session.ended.v1", ({ userId }) => ({ userId })],
  ["a role that was taken", "org.partake.grant.changed.v1", ({ userId }) => ({ userId })],
  [
    "a right of a folder's manager that was withheld",
    "org.partake.withheld-right.changed.v1",
    ({ userId }) => ({ userId }),
  ],
];

describe("[R19] within a second it ends with the right to it:", () => {
  test.each(changes)("a stream, for %s", async (_name, type, data) => {
    const person = world.people.person([["manager", project]]);
    const bystander = world.people.person([["manager", project]]);
    const [theirs, other] = [await open("/events", bearer(person)), await open("/events", bearer(bystander))];
    for (const answer of [theirs, other]) answer.on("error", () => undefined).resume();
    tell(type, data(person));
    world.people.disable(person);
    tell(type, data(person));
    await expect.poll(() => isOver(theirs), { timeout: 5_000, interval: 20 }).toBe(true);
    expect(isOver(other)).toBe(false);
    other.destroy();
  });

  test.each(changes)("a download under way, for %s", async (_name, type, data) => {
    const person = world.people.person([["reporter", project]]);
    let isAllowed = true;
    const fileId = await uploaded(person, () => isAllowed);
    const answer = await open(`/v1/files/${fileId}`, bearer(person));
    answer.on("error", () => undefined);
    expect(answer.statusCode).toBe(200);
    // Somebody else's change ends nothing; one's own does.
    tell("org.partake.user.changed.v1", { userId: newId("usr") });
    isAllowed = false;
    const before = world.log.length;
    tell(type, data(person));
    let read = 0;
    answer.on("data", (chunk: Buffer) => {
      read += chunk.length;
    });
    // The request is over on our side, and says so in the log, before the client reads on.
    await expect.poll(() => world.log.length, { timeout: 10_000, interval: 20 }).toBeGreaterThan(before);
    answer.resume();
    await expect.poll(() => isOver(answer), { timeout: 10_000, interval: 20 }).toBe(true);
    expect(read).toBeLessThan(bytes.length);
  });

  test.each(changes)("a download that was just allowed, for %s", async (_name, type, data) => {
    const person = world.people.person([["reporter", project]]);
    let isAllowed = true;
    const fileId = await uploaded(person, () => isAllowed);
    const { answers } = world.upstream;
    const getFile = answers.get("GetFile");
    // The change comes when the service has decided, and before the gateway hears what.
    answers.set("GetFile", async (request, call) => {
      const record = await getFile?.(request, call);
      if (isAllowed) {
        isAllowed = false;
        tell(type, data(person));
      }
      return record ?? {};
    });
    const told = await world.ask("GET", `/v1/files/${fileId}`, { as: person });
    expect([told.status, told.text.includes("a line of text")]).toEqual([404, false]);
  });

  test.each([
    ["a stream", "WatchEvents", () => "/events"],
    ["a download under way", "DownloadFile", (fileId: string) => `/v1/files/${fileId}`],
  ])("%s, with the session that was logged out, though its token is good", async (_what, operation, pathOf) => {
    const person = world.people.person([["reporter", project]]);
    world.provider.person = person;
    const path = pathOf(await uploaded(person, () => true));
    const { cookie } = await logInAt(world);
    const answer = await open(path, { cookie, "partake-organisation": world.organisationId });
    answer.on("error", () => undefined);
    expect(answer.statusCode).toBe(200);
    const out = await world.ask("POST", "/auth/logout", { headers: { cookie, "partake-csrf": "1" } });
    expect(out.status).toBe(200);
    const ended = () => world.log.filter((line) => line.includes(operation)).length;
    const before = ended();
    tell("org.partake.session.ended.v1", { userId: person.userId });
    await expect.poll(ended, { timeout: 10_000, interval: 20 }).toBeGreaterThan(before);
    let read = 0;
    answer.on("data", (chunk: Buffer) => {
      read += chunk.length;
    });
    answer.resume();
    await expect.poll(() => isOver(answer), { timeout: 10_000, interval: 20 }).toBe(true);
    expect(read).toBeLessThan(bytes.length);
  });

  test("but no download whose session has a newer token by then", async () => {
    const person = world.people.person([["reporter", project]]);
    world.provider.person = person;
    const fileId = await uploaded(person, () => true);
    const { cookie } = await logInAt(world);
    const answer = await open(`/v1/files/${fileId}`, { cookie, "partake-organisation": world.organisationId });
    expect(answer.statusCode).toBe(200);
    world.clock.advance(301_000);
    const before = world.provider.refreshes;
    tell("org.partake.project.scope-changed.v1", { organisationId: world.organisationId });
    await expect.poll(() => world.provider.refreshes, { timeout: 10_000, interval: 20 }).toBe(before + 1);
    let read = 0;
    for await (const chunk of answer) read += (chunk as Buffer).length;
    expect(read).toBe(bytes.length);
  });
});

test("a stream whose client went away before it began is none", async () => {
  const person = world.people.person([["manager", project]]);
  const { grants } = world.people;
  const read = grants.read.bind(grants);
  const [asked, answered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  grants.read = async (of) => {
    if (of.userId !== person.userId) return read(of);
    asked.resolve();
    await answered.promise;
    return read(of);
  };
  const request = get(`${world.url}/events`, { headers: bearer(person), agent: false });
  request.on("error", () => undefined);
  await asked.promise;
  request.destroy();
  await new Promise((resolve) => request.once("close", resolve));
  // By the time that this is answered the gateway has seen who went.
  await world.ask("GET", "/favicon.svg");
  const before = world.log.length;
  grants.read = read;
  answered.resolve();
  await expect.poll(() => world.log.length, { timeout: 10_000, interval: 20 }).toBeGreaterThan(before);
  expect(world.hub.size).toBe(0);
});
