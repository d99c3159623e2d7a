import { connect } from "node:net";
import type { Arrived } from "@partake/bus";
import { newId } from "@partake/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import type { Person } from "./people.ts";
import { type Watching, watchAt } from "./watching.ts";

let world: GatewayWorld;
const open: Watching[] = [];
const project = newId("prj");
const otherProject = newId("prj");
const contact = newId("con");
const participation = newId("par");

beforeAll(async () => {
  world = await startGatewayWorld({ hub: { beatMs: 200, streamsOfUser: 3 } });
  for (const id of [project, otherProject])
    world.people.addProject(id, { organisationId: world.organisationId, status: "published", visibility: "people" });
});
afterAll(() => world.stop());
afterEach(() => {
  for (const watching of open.splice(0)) watching.close();
});

const watch = (headers: Record<string, string>, url = world.url) => watchAt(url, headers, open);
const watchAs = (person: Person, headers: Record<string, string> = {}, url = world.url) =>
  watch({ authorization: `Bearer ${world.people.token(person)}`, ...headers }, url);

function arrived(type: string, data: object): Arrived {
  const cause = { actorId: "service:test", traceparent: undefined };
  return {
    id: newId("evt"),
    type,
    source: "/test",
    subject: "",
    time: "",
    key: "",
    data,
    traceparent: undefined,
    cause,
  } as unknown as Arrived;
}
function activity(more: object = {}, of = world): string {
  const recordId = newId("pst");
  const data = {
    contactId: contact,
    organisationId: of.organisationId,
    projectId: project,
    participationId: participation,
    kind: "post.created",
    recordId,
    actorId: newId("usr"),
    threadUserIds: [],
    contactProjectIds: [project],
    staffOnly: false,
    recordedAt: "",
    ...more,
  };
  of.hub.broadcast.handle(arrived("org.partake.activity.recorded.v1", data));
  return recordId;
}
/** A notification of theirs, which everybody sees: when it comes, what happened before it was decided. */
function notification({ userId }: Person): string {
  const notificationId = newId("ntf");
  const data = { userId, organisationId: world.organisationId, notificationId };
  world.hub.broadcast.handle(arrived("org.partake.notification.created.v1", data));
  return notificationId;
}
async function until(holds: () => boolean, what: string): Promise<void> {
  for (let attempt = 0; attempt < 150; attempt += 1) {
    if (holds()) return;
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
  throw new Error(`never: ${what}`);
}
const told = (watching: Watching) => watching.events().map(({ kind, recordId }) => recordId ?? kind);
const participant = (
  level: "see" | "share" | "discuss",
  own = participation,
): Parameters<GatewayWorld["people"]["person"]>[0] => [
  [
    "participant",
    project,
    {
      projectId: project,
      participant: {
        participationId: own,
        contactId: own === participation ? contact : newId("con"),
        boardId: newId("brd"),
        level,
        peerReview: false,
        state: "active",
      },
    },
  ],
];

describe("[E8] who is told what", () => {
  const cases: [
    name: string,
    roles: () => Parameters<GatewayWorld["people"]["person"]>[0],
    more: () => object,
    sees: boolean,
  ][] = [
    ["the project's manager: a post", () => [["manager", project]], () => ({}), true],
    ["an admin: a post", () => [["admin", world.organisationId]], () => ({}), true],
    [
      "the project's reporter: a case note",
      () => [["reporter", project]],
      () => ({ kind: "note.created", staffOnly: true, participationId: undefined }),
      true,
    ],
    ["the participant: their own post", () => participant("see"), () => ({}), true],
    [
      "the participant with discuss: a comment on it",
      () => participant("discuss"),
      () => ({ kind: "comment.created" }),
      true,
    ],
    ["another project's manager: a post", () => [["manager", otherProject]], () => ({}), false],
    [
      "another project's manager: a case note",
      () => [["manager", otherProject]],
      () => ({ kind: "note.created", staffOnly: true }),
      false,
    ],
    ["a member without a project: a post", () => [["member", world.organisationId]], () => ({}), false],
    [
      "the participant: a case note about them",
      () => participant("discuss"),
      () => ({ kind: "note.created", staffOnly: true }),
      false,
    ],
    [
      "the participant: what staff alone see of their own post",
      () => participant("discuss"),
      () => ({ staffOnly: true }),
      false,
    ],
    ["the participant with see: a comment", () => participant("see"), () => ({ kind: "comment.created" }), false],
    ["another participant of the project: a post", () => participant("discuss", newId("par")), () => ({}), false],
    [
      "an admin of another organisation: a post",
      () => [["admin", world.organisationId]],
      () => ({ organisationId: newId("org") }),
      false,
    ],
  ];
  test.each(cases)("%s", async (_, roles, more, sees) => {
    const person = world.people.person(roles());
    const watching = await watchAs(person);
    expect(watching.status).toBe(200);
    const recordId = activity(more());
    const last = notification(person);
    await until(() => told(watching).includes(last), "the notification");
    expect(told(watching)).toEqual(sees ? [recordId, last] : [last]);
  });

  test("an event holds ids alone", async () => {
    const watching = await watchAs(world.people.person([["manager", project]]));
    activity();
    await until(() => watching.events().length > 0, "the event");
    expect(Object.keys(watching.events()[0] ?? {}).sort()).toEqual([
      "contactId",
      "id",
      "kind",
      "participationId",
      "projectId",
      "recordId",
    ]);
    expect(watching.headers["content-type"]).toBe("text/event-stream");
    expect(watching.headers["cache-control"]).toBe("no-store");
    expect(watching.headers["x-accel-buffering"]).toBe("no");
  });

  test("a participation's change reaches its participant and the team, a notification only whose it is", async () => {
    const [manager, own, other] = [
      world.people.person([["manager", project]]),
      world.people.person(participant("see")),
      world.people.person(participant("see", newId("par"))),
    ];
    const [toManager, toOwn, toOther] = [await watchAs(manager), await watchAs(own), await watchAs(other)];
    const change = {
      participationId: participation,
      organisationId: world.organisationId,
      projectId: project,
      boardId: newId("brd"),
      contactId: contact,
      userId: own.userId,
      level: "see",
      peerReview: false,
      state: "active",
      version: 2,
    };
    world.hub.broadcast.handle(arrived("org.partake.participation.changed.v1", change));
    world.hub.broadcast.handle(
      arrived("org.partake.contact.scope-changed.v1", { contactId: contact, organisationId: world.organisationId }),
    );
    const notified = [manager, own, other].map(notification);
    const all = [toManager, toOwn, toOther];
    for (const [index, watching] of all.entries())
      await until(() => told(watching).includes(notified[index] ?? ""), "the notification");
    expect(all.map(told)).toEqual([[participation, notified[0]], [participation, notified[1]], [notified[2]]]);
  });
});

describe("who may watch", () => {
  test("nobody without a token, with an account's, or without a role", async () => {
    expect((await watch({})).status).toBe(401);
    const person = world.people.person([]);
    expect((await watch({ authorization: `Bearer ${world.people.token(person, { place: "account" })}` })).status).toBe(
      401,
    );
    expect([403, 404]).toContain((await watchAs(person)).status);
    expect((await watchAs(world.people.person([["manager", project]]), { accept: "application/json" })).status).toBe(
      406,
    );
  });

  test("[R19] a role that is taken ends what is seen at once, and the stream soon", async () => {
    const person = world.people.person([["manager", project]]);
    const watching = await watchAs(person);
    activity();
    await until(() => watching.events().length === 1, "the first event");
    world.people.setRoles(person, [["member", world.organisationId]]);
    activity();
    await until(watching.isEnded, "the end of the stream");
    expect(watching.events().map(({ kind }) => kind)).toEqual(["post.created", "expired"]);
  });

  test("somebody who is disabled sees nothing more", async () => {
    const person = world.people.person([["manager", project]]);
    const watching = await watchAs(person);
    world.people.disable(person);
    activity();
    await until(watching.isEnded, "the end of the stream");
    expect(watching.events().map(({ kind }) => kind)).toEqual(["expired"]);
  });

  test("a role that is given sends the client for a new token, and a token that is behind opens no stream", async () => {
    const person = world.people.person([["manager", otherProject]]);
    const token = world.people.token(person);
    const watching = await watchAs(person);
    world.people.setRoles(person, [
      ["manager", otherProject],
      ["manager", project],
    ]);
    activity();
    await until(watching.isEnded, "the end of the stream");
    expect(watching.events().map(({ kind }) => kind)).toEqual(["expired"]);
    expect((await watch({ authorization: `Bearer ${token}` })).status).toBe(401);
    const again = await watchAs(person, { "last-event-id": watching.lastId() ?? "" });
    expect(again.status).toBe(200);
  });

  test("a stream ends with its token", async () => {
    const person = world.people.person([["manager", project]]);
    const token = world.people.token(person, { lifeSeconds: 60 });
    const watching = await watch({ authorization: `Bearer ${token}` });
    world.clock.advance(61_000);
    await until(watching.isEnded, "the end of the stream");
    expect(watching.events().map(({ kind }) => kind)).toEqual(["expired"]);
  });

  test("a person's streams are bounded, and one that is closed makes room", async () => {
    const person = world.people.person([["manager", project]]);
    const three = [await watchAs(person), await watchAs(person), await watchAs(person)];
    expect(three.map(({ status }) => status)).toEqual([200, 200, 200]);
    expect((await watchAs(person)).status).toBe(429);
    expect((await watchAs(world.people.person([["manager", project]]))).status).toBe(200);
    const before = world.hub.size;
    three[0]?.close();
    await until(() => world.hub.size < before, "room");
    expect((await watchAs(person)).status).toBe(200);
  });
});

describe("coming back", () => {
  test("after the last event nothing is missed and nothing comes twice", async () => {
    const person = world.people.person([["manager", project]]);
    const first = await watchAs(person);
    const seen = [activity(), activity()];
    await until(() => first.events().length === 2, "two events");
    const cursor = first.lastId() ?? "";
    first.close();
    const missed = [activity(), activity({ contactProjectIds: [otherProject], projectId: otherProject }), activity()];
    const again = await watchAs(person, { "last-event-id": cursor });
    await until(() => again.events().length === 2, "the missed events");
    expect(first.events().map(({ recordId }) => recordId)).toEqual(seen);
    expect(again.events().map(({ recordId }) => recordId)).toEqual([missed[0], missed[2]]);
  });

  test("a quiet stream moves its place on, without telling that others were busy", async () => {
    const person = world.people.person([["manager", otherProject]]);
    const watching = await watchAs(person);
    const start = watching.lastId();
    activity();
    world.clock.advance(1_000);
    await until(() => watching.lastId() !== start, "a beat");
    expect(watching.events()).toEqual([]);
    expect(watching.text()).toContain("\n: \n");
    watching.close();
    const recordId = activity({ projectId: otherProject, contactProjectIds: [otherProject] });
    const again = await watchAs(person, { "last-event-id": watching.lastId() ?? "" });
    await until(() => again.events().length === 1, "the missed event");
    expect(again.events()[0]?.recordId).toBe(recordId);
  });

  test.each([["nonsense"], ["00000000-abc"], ["'; drop"], ["x".repeat(500)]])(
    "from a place that nobody knows: %s",
    async (cursor) => {
      const watching = await watchAs(world.people.person([["manager", project]]), { "last-event-id": cursor });
      await until(() => watching.events().length === 1, "resync");
      expect(watching.events()).toMatchObject([{ kind: "resync" }]);
    },
  );

  test("after too long, or when events were lost, everything is to be read anew", async () => {
    const person = world.people.person([["manager", project]]);
    const watching = await watchAs(person);
    const recordId = activity();
    await until(() => watching.events().length === 1, "the event");
    const cursor = watching.lastId() ?? "";
    world.hub.broadcast.lost();
    await until(() => watching.events().length === 2, "resync");
    expect(watching.events()).toMatchObject([{ recordId }, { kind: "resync" }]);
    const again = await watchAs(person, { "last-event-id": cursor });
    await until(() => again.events().length === 1, "resync");
    expect(again.events()).toMatchObject([{ kind: "resync" }]);
  });

  test("a session watches the organisation that its address names", async () => {
    const answer = await world.ask("GET", `/events?organisation=${world.organisationId}`);
    expect(answer.status).toBe(401);
    expect((await world.ask("GET", "/events?organisation=x")).status).toBe(400);
  });
});

describe("whoever reads too slowly", () => {
  const cases: [name: string, beatMs: number, outcome: (read: { text: string; isCut: boolean }) => boolean][] = [
    ["misses events, and is told to read anew", 60_000, ({ text }) => text.includes('"resync"')],
    ["is cut off in the end", 200, ({ isCut }) => isCut],
  ];
  test.each(cases)("%s", async (_, beatMs, outcome) => {
    const slow = await startGatewayWorld({ hub: { beatMs } });
    slow.people.addProject(project, { organisationId: slow.organisationId, status: "published", visibility: "people" });
    const token = slow.people.token(slow.people.person([["manager", project]]));
    const read = { text: "", isCut: false };
    const socket = connect(Number(new URL(slow.url).port), "127.0.0.1");
    socket.on("data", (chunk) => {
      read.text += chunk.toString();
    });
    socket
      .on("error", () => undefined)
      .on("close", () => {
        read.isCut = true;
      });
    socket.write(`GET /events HTTP/1.1\r\nHost: x\r\nAuthorization: Bearer ${token}\r\n\r\n`);
    await until(() => read.text.includes("retry: "), "the stream");
    socket.pause();
    const count = 120_000;
    for (let sent = 0; sent < count && !read.isCut; sent += 1) {
      activity({}, slow);
      // No faster than identity can be asked: what waits is bounded, and would be missed before it is sent.
      if (sent % 500 === 0) await new Promise((resolve) => setTimeout(resolve, 5));
    }
    await new Promise((resolve) => setTimeout(resolve, 1_500));
    socket.resume();
    await until(() => outcome(read), "the outcome");
    expect(read.text.split("post.created").length).toBeLessThan(count);
    socket.destroy();
    await slow.stop();
  });
});
