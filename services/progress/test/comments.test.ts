import { newId } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { entries, type PostEntry, posts } from "../src/store/entries.ts";
import { participations } from "../src/store/participations.ts";
import { type Enrolled, type Person, type ProgressWorld, type Shown, startProgressWorld, until } from "./world.ts";

let world: ProgressWorld;
let boardId: string;

beforeAll(async () => {
  world = await startProgressWorld();
  boardId = (await world.board([])).id;
});
afterAll(() => world?.stop());

const story = (by: Enrolled, narrative = "A good week") =>
  world.call<Shown>(by.person, "CreatePost", {
    ...{ id: newId("pst"), participationId: by.participationId, kind: "story", narrative },
  });
const comment = (by: Person, postId: string, more: object = {}) =>
  world.call<Shown>(by, "CreateComment", { id: newId("cmt"), postId, text: "Well done", ...more });
const refusal = (by: Person, postId: string, more: object = {}) =>
  world.refusal(by, "CreateComment", { id: newId("cmt"), postId, text: "Well done", ...more });
const refusedList = (by: Person, postId: string) => world.refusal(by, "ListComments", { postId });
const listed = async (by: Person, postId: string) =>
  (await world.call<{ items: Shown[] }>(by, "ListComments", { postId })).items.map(({ id }) => id);
const count = async (by: Person, postId: string) =>
  (await world.call<Shown>(by, "GetPost", { postId }))["commentCount"];
const event = (suffix: string, id: string) =>
  world.events.find(({ type, data }) => type.includes(suffix) && Object.values(data).includes(id))?.data;

describe("[G5] staff comment, the participant answers", () => {
  test("both see the thread, oldest first, with who wrote what", async () => {
    const ben = await world.enrol({ boardId });
    world.around.names.set(world.manager.userId, "Mo");
    const post = await story(ben);
    const first = await comment(world.manager, post.id, { text: "How did you manage?" });
    expect(first).toMatchObject({
      postId: post.id,
      author: { userId: world.manager.userId, name: "Mo", part: "staff" },
    });
    const answer = await comment(ben.person, post.id, { text: "Friends helped", replyTo: first.id });
    expect(answer).toMatchObject({ replyTo: first.id, author: { userId: ben.person.userId, part: "participant" } });
    for (const by of [ben.person, world.manager]) {
      expect(await listed(by, post.id)).toEqual([first.id, answer.id]);
      expect(await count(by, post.id)).toBe(2);
    }
  });

  test("[X1] events tell who is concerned, and outside only that there is one, under the post's pseudonym", async () => {
    const ben = await world.enrol({ boardId });
    const post = await story(ben);
    const first = await comment(world.manager, post.id, { text: "marked comment" });
    const answer = await comment(ben.person, post.id, { text: "marked answer" });
    await expect.poll(() => event("comment-posted", answer.id), { timeout: 10_000 }).toBeDefined();
    const common = { pseudonym: ben.pseudonym, postId: post.id, projectId: world.projectId, version: 1 };
    expect(event("comment-posted", first.id)).toMatchObject({ ...common, writtenBy: "staff" });
    expect(event("comment-posted", answer.id)).toMatchObject({ ...common, writtenBy: "participant" });
    const contact = {
      contactId: ben.contactId,
      contactUserId: ben.person.userId,
      participationId: ben.participationId,
    };
    await expect.poll(() => event("activity", answer.id), { timeout: 10_000 }).toBeDefined();
    expect(event("activity", first.id)).toMatchObject({
      ...{ ...contact, kind: "comment.created", postId: post.id, actorId: world.manager.userId },
      threadUserIds: [ben.person.userId],
    });
    expect(event("activity", answer.id)).toMatchObject({
      ...{ ...contact, actorId: ben.person.userId, threadUserIds: [ben.person.userId, world.manager.userId] },
    });
    expect(JSON.stringify(world.events)).not.toContain("marked");
  });

  test("[R8] only with the level discuss, and while active: else there are no comments, in lists, counts or ids", async () => {
    for (const options of [{ level: "see" }, { level: "share" }, { level: "discuss", state: "paused" }] as const) {
      const cara = await world.enrol({ boardId, ...options });
      const onBehalf = { participationId: cara.participationId, kind: "story", narrative: "x" };
      const post = await world.call<Shown>(world.manager, "CreatePost", { id: newId("pst"), ...onBehalf });
      const said = await comment(world.manager, post.id, { text: "marked for staff" });
      expect(await refusal(cara.person, post.id)).toMatch(/^(forbidden|not_found)/);
      if ("state" in options) expect(await refusedList(cara.person, post.id)).toMatch(/^(forbidden|not_found)/);
      else expect(await listed(cara.person, post.id)).toEqual([]);
      const feed = await world.call(cara.person, "ListMyNewsfeed");
      expect(JSON.stringify(feed)).not.toContain(said.id);
      expect(JSON.stringify(feed)).not.toContain("marked");
      if (!("state" in options)) expect(await count(cara.person, post.id)).toBe(0);
      expect(await count(world.manager, post.id)).toBe(1);
    }
  });

  test("a participant keeps their own comments, without the staff's, when their level falls", async () => {
    const dan = await world.enrol({ boardId, level: "share" });
    const post = await story(dan);
    const staffs = await comment(world.manager, post.id);
    const id = newId("cmt");
    const entry = (await world.parts.store.get(posts, post.id)) as PostEntry;
    // Written while the level was still discuss.
    await world.parts.store.write({ actorId: "test", traceparent: undefined }, async (tx) => {
      const {
        kind: _kind,
        files: _files,
        narrative: _narrative,
        commentCount,
        threadUserIds: _users,
        ...scope
      } = entry;
      const own = { ...scope, _id: id, kind: "comment", postId: post.id, postContactId: dan.contactId, text: "mine" };
      await tx.insert(entries, { ...own, kind: "comment" });
      return (await tx.update(posts, entry, { commentCount: commentCount + 1 }))._id;
    });
    expect(await listed(dan.person, post.id)).toEqual([id]);
    expect(await count(dan.person, post.id)).toBe(1);
    expect((await listed(world.manager, post.id)).sort()).toEqual([id, staffs.id].sort());
  });

  test("who may comment for the team", async () => {
    const ben = await world.enrol({ boardId });
    const post = await story(ben);
    const { projectId, otherProjectId, organisationId } = world;
    const cases: [string, Person, string][] = [
      ["admin", world.admin, "ok"],
      ["reporter", world.member([["reporter", projectId]]), "ok"],
      [
        "observer raised to updates",
        world.member([
          ["observer", projectId],
          ["contact_updates", ben.contactId],
        ]),
        "forbidden no_role",
      ],
      [
        "reporter lowered to headline",
        world.member([
          ["reporter", projectId],
          ["contact_headline", ben.contactId],
        ]),
        "not_found not_found",
      ],
      [
        "reporter with none",
        world.member([
          ["reporter", projectId],
          ["contact_none", ben.contactId],
        ]),
        "not_found not_found",
      ],
      ["manager elsewhere", world.member([["manager", otherProjectId]]), "not_found not_found"],
      [
        "board member",
        world.member([
          ["board_member", boardId, projectId],
          ["member", organisationId],
        ]),
        "forbidden no_role",
      ],
    ];
    const found: [string, string][] = [];
    for (const [who, by] of cases) found.push([who, await refusal(by, post.id)]);
    expect(found).toEqual(cases.map(([who, , expected]) => [who, expected]));
  });

  test("a reply answers a comment on the same post that its writer sees", async () => {
    const [ben, eve] = [await world.enrol({ boardId }), await world.enrol({ boardId })];
    const [post, other] = [await story(ben), await story(eve)];
    const elsewhere = await comment(world.manager, other.id);
    expect(await refusal(world.manager, post.id, { replyTo: elsewhere.id })).toBe("not_found not_found");
    expect(await refusal(ben.person, post.id, { replyTo: elsewhere.id })).toBe("not_found not_found");
    expect(await refusal(ben.person, post.id, { replyTo: newId("cmt") })).toBe("not_found not_found");
    expect(await refusal(ben.person, other.id)).toBe("not_found not_found");
  });

  test("the same comment sent again is one comment; empty and endless ones are none", async () => {
    const ben = await world.enrol({ boardId });
    const post = await story(ben);
    const request = { id: newId("cmt"), postId: post.id, text: "Once" };
    const all = await Promise.all(Array.from({ length: 8 }, () => world.call(ben.person, "CreateComment", request)));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await listed(ben.person, post.id)).toEqual([request.id]);
    expect(await refusal(ben.person, post.id, { id: request.id, text: "Twice" })).toBe("conflict id_taken");
    expect(await refusal(ben.person, post.id, { text: "" })).toBe("invalid invalid_request");
    expect(await refusal(ben.person, post.id, { text: "x".repeat(4_001) })).toBe("invalid invalid_request");
  });
});

describe("[G6] [G7] peers", () => {
  const peers = async () => {
    const [ada, bob] = [
      await world.enrol({ boardId, peerReview: true }),
      await world.enrol({ boardId, peerReview: true }),
    ];
    return { ada, bob };
  };
  const feed = async (by: Person) =>
    (
      await world.call<{ items: { kind: string; post?: Shown; comment?: Shown }[] }>(by, "ListMyNewsfeed", {
        limit: 200,
      })
    ).items.map(({ post, comment: said }) => post?.id ?? said?.id);

  test("with it on on both sides see and discuss each other's posts; what staff said to one stays with them", async () => {
    const { ada, bob } = await peers();
    const post = await story(ada);
    const staffs = await comment(world.manager, post.id, { text: "between us" });
    const own = await comment(ada.person, post.id);
    const peer = await comment(bob.person, post.id, { text: "me too" });
    expect(peer["author"]).toMatchObject({ userId: bob.person.userId, part: "participant" });
    expect(await listed(bob.person, post.id)).toEqual([own.id, peer.id]);
    expect(await count(bob.person, post.id)).toBe(2);
    expect(await listed(ada.person, post.id)).toEqual([staffs.id, own.id, peer.id]);
    expect(await listed(world.manager, post.id)).toEqual([staffs.id, own.id, peer.id]);
    expect(await feed(bob.person)).toEqual(expect.arrayContaining([post.id, own.id, peer.id]));
    expect(await feed(bob.person)).not.toContain(staffs.id);
  });

  test.each(["see", "share"] as const)(
    "with %s read what peers said to them, too, and not what staff said",
    async (level) => {
      const { bob } = await peers();
      const eve = await world.enrol({ boardId, level, peerReview: true });
      const onBehalf = { participationId: eve.participationId, kind: "story", narrative: "x" };
      const post = await world.call<Shown>(world.manager, "CreatePost", { id: newId("pst"), ...onBehalf });
      await comment(world.manager, post.id, { text: "between us" });
      const peer = await comment(bob.person, post.id, { text: "well done" });
      expect(await listed(eve.person, post.id)).toEqual([peer.id]);
      expect(await count(eve.person, post.id)).toBe(1);
      expect(await refusal(eve.person, post.id)).toMatch(/^forbidden/);
    },
  );

  test("with it off on either side, of the other nothing exists", async () => {
    const { ada } = await peers();
    const off = await world.enrol({ boardId });
    const elsewhere = await world.enrol({
      boardId: (await world.board([], world.otherProjectId)).id,
      projectId: world.otherProjectId,
      peerReview: true,
    });
    const [adas, offs] = [await story(ada), await story(off)];
    for (const by of [off.person, elsewhere.person]) {
      expect(await world.refusal(by, "GetPost", { postId: adas.id })).toBe("not_found not_found");
      expect(await world.refusal(by, "ListComments", { postId: adas.id })).toBe("not_found not_found");
      expect(await refusal(by, adas.id)).toBe("not_found not_found");
      expect(await feed(by)).not.toContain(adas.id);
    }
    expect(await world.refusal(ada.person, "GetPost", { postId: offs.id })).toBe("not_found not_found");
    expect(await feed(ada.person)).not.toContain(offs.id);
  });

  test("switched off, posts and comments of that person are gone for the others, at once and by version", async () => {
    const { ada, bob } = await peers();
    const carl = await world.enrol({ boardId, peerReview: true });
    const post = await story(ada);
    const bobs = await comment(bob.person, post.id);
    const told = (of: Enrolled, version: number, peerReview: boolean) => ({
      ...{ participationId: of.participationId, organisationId: world.organisationId, projectId: world.projectId },
      ...{ boardId, contactId: of.contactId, userId: of.person.userId, level: "discuss" as const, peerReview },
      ...{ state: "active" as const, version },
    });
    expect(await listed(carl.person, post.id)).toEqual([bobs.id]);
    await world.tellParticipation(told(bob, 5, false));
    expect(await listed(carl.person, post.id)).toEqual([]);
    expect(await count(carl.person, post.id)).toBe(0);
    expect(await listed(ada.person, post.id)).toEqual([]);
    expect(await listed(world.manager, post.id)).toEqual([bobs.id]);
    // An older event that comes late changes nothing.
    await world.parts.bus.publish({ type: "org.partake.participation.changed.v1", data: told(bob, 4, true) });
    await world.tellParticipation(told(ada, 5, false));
    expect(await listed(carl.person, post.id).catch(() => "hidden")).toBe("hidden");
    expect((await world.parts.store.get(entries, bobs.id))?.peerReview).toBe(false);
    await world.tellParticipation(told(ada, 6, true));
    expect(await listed(carl.person, post.id)).toEqual([]);
  });

  test("a participation that is not active shows its peers nothing, whatever it was", async () => {
    const { ada, bob } = await peers();
    const post = await story(ada);
    expect(await world.refusal(bob.person, "GetPost", { postId: post.id })).toBe("ok");
    const { participationId, contactId, person } = ada;
    await world.tellParticipation({
      ...{ participationId, organisationId: world.organisationId, projectId: world.projectId, boardId, contactId },
      ...{ userId: person.userId, level: "discuss", peerReview: true, state: "paused", version: 9 },
    });
    await until(async () => (await world.parts.store.get(participations, participationId))?.state === "paused");
    expect(await world.refusal(bob.person, "GetPost", { postId: post.id })).toBe("not_found not_found");
  });
});
