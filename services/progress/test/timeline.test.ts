import { newId } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { contactScopes } from "../src/store/contact-scopes.ts";
import { entries } from "../src/store/entries.ts";
import { type Enrolled, type Person, type ProgressWorld, type Shown, startProgressWorld, until } from "./world.ts";

let world: ProgressWorld;
let boardId: string;
let days: Shown;

interface Item {
  id: string;
  kind: string;
  post?: Shown;
  comment?: Shown;
  note?: Shown;
}

beforeAll(async () => {
  world = await startProgressWorld();
  days = await world.metric();
  boardId = (await world.board([{ subjectId: days.id, cadence: "daily" }])).id;
});
afterAll(() => world?.stop());

const note = (by: Person, contactId: string, more: object = {}) =>
  world.call<Item>(by, "CreateNote", { id: newId("nte"), contactId, kind: "case_note", text: "marked note", ...more });
const noteRefusal = (by: Person, contactId: string, more: object = {}) =>
  world.refusal(by, "CreateNote", { id: newId("nte"), contactId, kind: "staff_post", text: "A note", ...more });
const timeline = async (by: Person, contactId: string) =>
  (await world.call<{ items: Item[] }>(by, "ListTimeline", { contactId, limit: 200 })).items;
const answer = (by: Person, of: Enrolled, number: number, recordedAt?: string) =>
  world.answer(by, of, { subjectId: days.id, value: { number }, ...(recordedAt && { recordedAt }) });

describe("[C4] [G14] a contact's timeline", () => {
  test("shows staff at once what the participant and staff logged, newest first by the time it was for", async () => {
    const fay = await world.enrol({ boardId });
    const late = await answer(fay.person, fay, 3, "2026-01-05T10:00:00Z");
    const noted = await note(world.manager, fay.contactId, { projectId: world.projectId });
    const now = await answer(fay.person, fay, 4);
    const said = await world.call<Shown>(world.manager, "CreateComment", {
      id: newId("cmt"),
      postId: now.id,
      text: "Good",
    });
    const shown = await timeline(world.manager, fay.contactId);
    expect(shown.map(({ id, kind }) => [kind, id])).toEqual([
      ["comment", said.id],
      ["answer", now.id],
      ["case_note", noted.id],
      ["answer", late.id],
    ]);
    expect(shown[1]?.post).toMatchObject({ value: { number: 4 }, commentCount: 1 });
    expect(shown[2]?.note).toMatchObject({ text: "marked note", author: { part: "staff" } });
    const own = await timeline(fay.person, fay.contactId);
    expect(own.map(({ id }) => id)).toEqual([said.id, now.id, late.id]);
  });

  test("goes on page by page, each entry once", async () => {
    const fay = await world.enrol({ boardId });
    for (let day = 1; day <= 7; day++) await answer(fay.person, fay, day, `2026-01-0${day}T10:00:00Z`);
    const seen: string[] = [];
    let cursor = "";
    do {
      const request = { contactId: fay.contactId, limit: 3, cursor };
      const page = await world.call<{ items: Item[]; nextCursor: string }>(world.manager, "ListTimeline", request);
      seen.push(...page.items.map(({ post }) => String(post?.["recordedAt"]).slice(0, 10)));
      cursor = page.nextCursor;
      const stolen = { ...request, cursor };
      if (cursor) expect(await world.refusal(world.admin, "ListTimeline", stolen)).toMatch(/^invalid /);
    } while (cursor !== "");
    expect(seen).toEqual([7, 6, 5, 4, 3, 2, 1].map((day) => `2026-01-0${day}`));
  });

  test("[R7] shows as much as the reader's role and level allow, and to others it is not there", async () => {
    const { projectId, otherProjectId, organisationId } = world;
    const contactId = await world.contact([projectId, otherProjectId]);
    const loose = await note(world.admin, contactId);
    const here = await note(world.manager, contactId, { projectId });
    const there = await note(world.admin, contactId, { projectId: otherProjectId });
    const readers: [string, Person, string[] | string][] = [
      ["admin", world.admin, [there.id, here.id, loose.id]],
      ["manager here", world.manager, [here.id, loose.id]],
      ["manager there", world.member([["manager", otherProjectId]]), [there.id, loose.id]],
      [
        "member with updates",
        world.member([
          ["member", organisationId],
          ["contact_updates", contactId],
        ]),
        [loose.id],
      ],
      ["observer: profile only", world.member([["observer", projectId]]), "forbidden level_too_low"],
      [
        "manager lowered to headline",
        world.member([
          ["manager", projectId],
          ["contact_headline", contactId],
        ]),
        "forbidden level_too_low",
      ],
      [
        "manager with none",
        world.member([
          ["manager", projectId],
          ["contact_none", contactId],
        ]),
        "not_found not_found",
      ],
      ["member", world.member([["member", organisationId]]), "not_found not_found"],
    ];
    for (const [who, by, expected] of readers) {
      const found =
        typeof expected === "string"
          ? await world.refusal(by, "ListTimeline", { contactId })
          : (await timeline(by, contactId)).map(({ id }) => id);
      expect([who, found]).toEqual([who, expected]);
    }
    const otherOrganisation = newId("org");
    const stranger = world.person([["admin", otherOrganisation]], { organisationId: otherOrganisation });
    expect(await world.refusal(stranger, "ListTimeline", { contactId })).toBe("not_found not_found");
  });

  test("a contact that is hidden costs and says the same as one that is not there", async () => {
    const contactId = await world.contact();
    const hidden = world.member([["member", world.organisationId]]);
    const cost = async (id: string) => {
      const before = world.around.contactReads;
      const refused = await world.refusal(hidden, "ListTimeline", { contactId: id });
      return { refused, reads: world.around.contactReads - before };
    };
    expect(await cost(contactId)).toEqual(await cost(newId("con")));
  });

  test("a contact that contacts knows and we do not yet is asked for", async () => {
    const contactId = newId("con");
    const told = { contactId, organisationId: world.organisationId, projectIds: [world.projectId], deleted: false };
    world.around.contacts.set(contactId, { ...told, createdBy: world.admin.userId, version: 1 });
    const noted = await note(world.manager, contactId);
    expect((await timeline(world.manager, contactId)).map(({ id }) => id)).toEqual([noted.id]);
  });
});

describe("[C5] notes are for staff", () => {
  test("who may write one", async () => {
    const { projectId, otherProjectId, organisationId } = world;
    const contactId = await world.contact();
    const cases: [string, Person, string][] = [
      ["admin", world.admin, "ok"],
      ["manager", world.manager, "ok"],
      ["reporter", world.member([["reporter", projectId]]), "ok"],
      [
        "member with updates",
        world.member([
          ["member", organisationId],
          ["contact_updates", contactId],
        ]),
        "ok",
      ],
      ["observer", world.member([["observer", projectId]]), "forbidden level_too_low"],
      [
        "member with profile",
        world.member([
          ["member", organisationId],
          ["contact_profile", contactId],
        ]),
        "forbidden level_too_low",
      ],
      ["manager elsewhere", world.member([["manager", otherProjectId]]), "not_found not_found"],
      ["member", world.member([["member", organisationId]]), "not_found not_found"],
    ];
    const found: [string, string][] = [];
    for (const [who, by] of cases) found.push([who, await noteRefusal(by, contactId)]);
    expect(found).toEqual(cases.map(([who, , expected]) => [who, expected]));
    expect(await noteRefusal(world.manager, contactId, { projectId: otherProjectId })).toBe("not_found not_found");
    expect(await noteRefusal(world.manager, newId("con"))).toBe("not_found not_found");
    expect(await noteRefusal(world.manager, contactId, { text: "" })).toBe("invalid invalid_request");
  });

  test("no participant ever meets one: timeline, newsfeed, board, chart, count, error, event", async () => {
    const guy = await world.enrol({ boardId, peerReview: true });
    const peer = await world.enrol({ boardId, peerReview: true });
    await answer(guy.person, guy, 1);
    const noted = await note(world.manager, guy.contactId, { projectId: world.projectId, kind: "staff_post" });
    const loose = await note(world.admin, guy.contactId);
    for (const by of [guy, peer]) {
      const answers = [
        await world.call(by.person, "ListMyNewsfeed", { limit: 200 }),
        await world.call(by.person, "GetMyBoard", { participationId: by.participationId }),
        await world.call(by.person, "GetMyChart", { participationId: by.participationId, subjectId: days.id }),
        by === guy ? await timeline(by.person, guy.contactId) : [],
      ];
      for (const secret of ["marked", noted.id, loose.id]) expect(JSON.stringify(answers)).not.toContain(secret);
      expect(await noteRefusal(by.person, guy.contactId)).toMatch(/^(forbidden|not_found)/);
    }
    expect(await world.refusal(peer.person, "ListTimeline", { contactId: guy.contactId })).toMatch(
      /^(forbidden|not_found)/,
    );
    const asPost = noted.id.replace("nte_", "pst_");
    expect(await world.refusal(guy.person, "GetPost", { postId: asPost })).toBe("not_found not_found");
    const logged = () => world.events.filter(({ data }) => JSON.stringify(data).includes(noted.id));
    await expect.poll(() => logged().length, { timeout: 10_000 }).toBe(1);
    expect(logged()[0]).toMatchObject({
      type: "org.partake.activity.recorded.v1",
      data: { staffOnly: true, threadUserIds: [] },
    });
    expect(JSON.stringify(world.events)).not.toContain("marked");
  });

  test("nobody reads notes about the contact linked to their own account, whatever their role", async () => {
    const both = await world.enrol({
      boardId,
      roles: [
        ["manager", world.projectId],
        ["member", world.organisationId],
      ],
    });
    const noted = await note(world.admin, both.contactId, { projectId: world.projectId });
    const shown = await timeline(both.person, both.contactId);
    expect(shown.map(({ id }) => id)).not.toContain(noted.id);
    expect(await noteRefusal(both.person, both.contactId)).toMatch(/^(forbidden|not_found)/);
    expect((await timeline(world.admin, both.contactId)).map(({ id }) => id)).toContain(noted.id);
  });

  test("the same note sent again is one note", async () => {
    const contactId = await world.contact();
    const request = { id: newId("nte"), contactId, kind: "case_note", text: "Once" };
    const all = await Promise.all(Array.from({ length: 5 }, () => world.call(world.manager, "CreateNote", request)));
    expect(new Set(all.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(await timeline(world.manager, contactId)).toHaveLength(1);
    expect(await noteRefusal(world.manager, contactId, { id: request.id })).toBe("conflict id_taken");
  });
});

describe("[R7] what contacts tells decides who sees, by version", () => {
  const told = (contactId: string, version: number, more: object = {}) => ({
    ...{ contactId, organisationId: world.organisationId, projectIds: [world.projectId], deleted: false },
    ...{ createdBy: world.admin.userId, version, ...more },
  });

  test("a contact that joins or leaves a project is seen, or not any more, in everything said about it", async () => {
    const contactId = await world.contact();
    const noted = await note(world.admin, contactId);
    const there = world.member([["manager", world.otherProjectId]]);
    expect(await world.refusal(there, "ListTimeline", { contactId })).toBe("not_found not_found");
    await world.tellContact(told(contactId, 4, { projectIds: [world.projectId, world.otherProjectId] }));
    expect((await timeline(there, contactId)).map(({ id }) => id)).toEqual([noted.id]);
    await world.tellContact(told(contactId, 6, { projectIds: [world.projectId] }));
    expect(await world.refusal(there, "ListTimeline", { contactId })).toBe("not_found not_found");
    // Late, out of order, twice: nothing comes back.
    const old = told(contactId, 5, { projectIds: [world.otherProjectId] });
    for (let time = 0; time < 2; time++) {
      await world.parts.bus.publish({ type: "org.partake.contact.scope-changed.v1", data: old });
    }
    await world.tellContact(told(contactId, 7));
    expect((await world.parts.store.get(entries, noted.id))?.contactProjectIds).toEqual([world.projectId]);
  });

  test("an entry that was being written when the scope changed follows", async () => {
    const contactId = await world.contact();
    const noted = await note(world.manager, contactId);
    const projectIds = [world.projectId, world.otherProjectId];
    await world.tellContact(told(contactId, 3, { projectIds }));
    const { store } = world.parts;
    // As it stands after a race: the note with the scope from before, the change carried already.
    await store.write({ actorId: "test", traceparent: undefined }, async (tx) => {
      const [entry, scope] = [await tx.get(entries, noted.id), await tx.get(contactScopes, contactId)];
      if (!entry || !scope?.settleAt) throw new Error("the change is not to be carried once more");
      await tx.update(entries, entry, { contactProjectIds: [world.projectId] });
      return (await tx.update(contactScopes, scope, { settleAt: new Date(Date.now() - 1) }))._id;
    });
    const carried = async () => (await store.get(entries, noted.id))?.contactProjectIds;
    await expect.poll(carried, { timeout: 20_000 }).toEqual(projectIds);
    expect(await store.get(contactScopes, contactId)).not.toHaveProperty("settleAt");
  });

  test("of a deleted contact nothing stays, nor comes back", async () => {
    const hal = await world.enrol({ boardId, peerReview: true });
    const peer = await world.enrol({ boardId, peerReview: true });
    const post = await answer(hal.person, hal, 1);
    await note(world.manager, hal.contactId);
    await world.call(peer.person, "CreateComment", { id: newId("cmt"), postId: post.id, text: "to hal" });
    await world.parts.bus.publish({
      type: "org.partake.contact.scope-changed.v1",
      data: told(hal.contactId, 9, { deleted: true }),
    });
    await until(async () => (await world.parts.store.get(contactScopes, hal.contactId))?.deleted === true);
    world.around.contacts.delete(hal.contactId);
    expect(await world.parts.store.find(entries, { contactId: hal.contactId })).toEqual([]);
    expect(await world.parts.store.find(entries, { kind: "comment", postContactId: hal.contactId })).toEqual([]);
    for (const by of [world.admin, world.manager, hal.person]) {
      expect(await world.refusal(by, "ListTimeline", { contactId: hal.contactId })).toBe("not_found not_found");
      expect(await world.refusal(by, "GetPost", { postId: post.id })).toBe("not_found not_found");
    }
    const { participationId, contactId } = hal;
    const ids = {
      participationId,
      contactId,
      organisationId: world.organisationId,
      projectId: world.projectId,
      boardId,
    };
    const again = { ...ids, pseudonym: hal.pseudonym };
    expect(await world.refusal(world.service("contacts"), "AddToBoard", again)).toBe("unprocessable contact_deleted");
    expect(await noteRefusal(world.admin, hal.contactId)).toBe("not_found not_found");
  });
});
