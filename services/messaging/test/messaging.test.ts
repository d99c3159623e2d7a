import { newId } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { mails } from "../src/store/mails.ts";
import {
  type Activity,
  commentOn,
  type Level,
  type Participant,
  participantOf,
  type State,
  settledAfter,
  told,
} from "./activities.ts";
import { header } from "./mail-server.ts";
import { type MessagingWorld, type Notification, type Person, startMessagingWorld } from "./world.ts";

let world: MessagingWorld;

beforeAll(async () => {
  world = await startMessagingWorld();
});
afterAll(() => world?.stop());
beforeEach(() => {
  world.identity.disabled.clear();
  world.project.status = "published";
});

const person = () => world.somebody();
const sees = (who: Person, role: "manager" | "reporter" | "observer") => world.sees(who, role);
const inbox = (who: Person) => world.inbox(who);
const mailsTo = (who: Person) => world.mailsTo(who);

const participant = (level?: Level, state?: State) => participantOf(world, { level, state });
const comment = (on: Participant, actor: Person, more: Partial<Activity> = {}) => commentOn(world, { on, actor, more });
const tell = (data: Activity) => told(world, data);
const settled = (data: Activity) => settledAfter(world, data);

describe("[G5] [E8] telling people", () => {
  test("a comment by staff tells the participant, live and by a mail that says nothing of it", async () => {
    const [ann, mo] = [participant(), person()];
    sees(mo, "manager");
    const said = comment(ann, mo);
    await tell(said);
    await expect
      .poll(() => inbox(ann.person), { timeout: 15_000 })
      .toMatchObject([{ kind: "comment", postId: said.postId, read: false }]);
    const [notification] = await inbox(ann.person);
    await expect
      .poll(() => world.events.map(({ data }) => data), { timeout: 15_000 })
      .toContainEqual({
        userId: ann.person.userId,
        organisationId: world.organisationId,
        notificationId: notification?.id,
      });
    await expect.poll(() => mailsTo(ann.person).length, { timeout: 15_000 }).toBe(1);
    const [received] = mailsTo(ann.person);
    if (!received) throw new Error("no mail");
    expect(received.raw.replaceAll("=\r\n", "").replaceAll("=3D", "=")).toContain(
      `/posts/${said.postId}?organisation=${said.organisationId}`,
    );
    for (const secret of ["marked", mo.userId, ann.contactId]) expect(received.raw).not.toContain(secret);
    expect(header(received, "Subject")).toBe("There is something new for you");
    expect(await inbox(mo)).toEqual([]);
  });

  test("their answer tells the staff who wrote in the thread and may still read it, not themselves, and by no mail", async () => {
    const ann = participant();
    const [mo, rita, gone, observer, disabled] = [person(), person(), person(), person(), person()];
    sees(mo, "manager");
    sees(rita, "reporter");
    sees(observer, "observer");
    sees(disabled, "manager");
    world.identity.disabled.add(disabled.userId);
    const users = [ann.person, mo, rita, gone, observer, disabled].map(({ userId }) => userId);
    await settled(comment(ann, ann.person, { threadUserIds: users }));
    for (const who of [mo, rita]) expect(await inbox(who)).toMatchObject([{ kind: "reply" }]);
    // No role any more; profile only; no log-in: none of them would get to read it.
    for (const who of [ann.person, gone, observer, disabled]) expect(await inbox(who)).toEqual([]);
    for (const who of [mo, rita]) expect(mailsTo(who)).toEqual([]);
  });

  test.each([
    ["only sees", participant.bind(undefined, "see")],
    ["only shares", participant.bind(undefined, "share")],
    ["is paused", participant.bind(undefined, "discuss", "paused")],
    ["has ended", participant.bind(undefined, "discuss", "ended")],
  ])("[R8] a participant who %s is told nothing", async (_why, make) => {
    const ann = make();
    await settled(comment(ann, person()));
    expect(await inbox(ann.person)).toEqual([]);
    expect(mailsTo(ann.person)).toEqual([]);
  });

  test("a participant whose role is gone, whose log-in is disabled or whose project is deleted is told nothing", async () => {
    const [gone, disabled, deleted] = [participant(), participant(), participant()];
    world.hold(gone.person, []);
    world.identity.disabled.add(disabled.person.userId);
    await settled(comment(gone, person()));
    await settled(comment(disabled, person()));
    world.project.status = "deleted";
    await tell(comment(deleted, person()));
    await expect.poll(() => world.parts.bus.lag().every(({ lag }) => lag === 0), { timeout: 15_000 }).toBe(true);
    for (const who of [gone, disabled, deleted]) expect(await inbox(who.person)).toEqual([]);
  });

  test.each([
    ["a note", { kind: "note.created" as const, staffOnly: true }],
    ["a comment that were only for staff", { staffOnly: true }],
    ["a post", { kind: "post.created" as const }],
  ])("[C5] of %s nobody is told", async (_what, more) => {
    const ann = participant();
    const mo = person();
    sees(mo, "manager");
    await settled(comment(ann, mo, { ...more, threadUserIds: [ann.person.userId, mo.userId] }));
    for (const who of [ann.person, mo]) expect(await inbox(who)).toEqual([]);
    expect(mailsTo(ann.person)).toEqual([]);
  });

  test("while identity is away nobody is told by guess; when it is back everybody is, once", async () => {
    const [ann, mo] = [participant(), person()];
    world.identity.isAway = true;
    await tell(comment(ann, mo));
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await inbox(ann.person)).toEqual([]);
    world.identity.isAway = false;
    await expect.poll(async () => (await inbox(ann.person)).length, { timeout: 20_000 }).toBe(1);
    await expect.poll(() => mailsTo(ann.person).length, { timeout: 15_000 }).toBe(1);
  });
});

describe("[E8] notifications", () => {
  test("are one's own: to others they are not there", async () => {
    const [ann, other] = [participant(), person()];
    await settled(comment(ann, person()));
    const [notification] = await inbox(ann.person);
    const request = { notificationId: notification?.id };
    for (const by of [other, world.person([["admin", world.organisationId]])]) {
      expect(await world.refusal(by, "MarkNotificationRead", request)).toBe("not_found not_found");
    }
    expect(await world.refusal(ann.person, "MarkNotificationRead", { notificationId: newId("ntf") })).toBe(
      "not_found not_found",
    );
    const read = await world.call<Notification>(ann.person, "MarkNotificationRead", request);
    expect(read).toMatchObject({ id: notification?.id, read: true, version: 2 });
    expect(await world.call(ann.person, "MarkNotificationRead", request)).toEqual(read);
    expect(await inbox(ann.person)).toMatchObject([{ read: true }]);
  });

  test("of one organisation are not shown in another", async () => {
    const ann = participant();
    await settled(comment(ann, person()));
    const elsewhere = { ...ann.person, organisationId: newId("org") };
    const request = { notificationId: (await inbox(ann.person))[0]?.id };
    expect(
      (await world.call<{ items: object[] }>(elsewhere, "ListMyNotifications").catch(() => ({ items: [] }))).items,
    ).toEqual([]);
    expect(await world.refusal(elsewhere, "MarkNotificationRead", request)).toMatch(/^(not_found|unauthenticated)/);
  });

  test("come newest first, page by page", async () => {
    const ann = participant();
    const said = Array.from({ length: 5 }, () => comment(ann, person()));
    for (const each of said) await settled(each);
    const seen: string[] = [];
    let cursor = "";
    do {
      const page = await world.call<{ items: Notification[]; nextCursor: string }>(ann.person, "ListMyNotifications", {
        limit: 2,
        cursor,
      });
      seen.push(...page.items.map(({ postId }) => postId));
      cursor = page.nextCursor;
    } while (cursor);
    expect(seen).toEqual(said.map(({ postId }) => postId).reverse());
  });
});

describe("[E9] SendMail", () => {
  const mail = (more: object = {}) => ({
    ...{
      id: newId("eml"),
      to: "someone@example.org",
      template: "login_code",
      language: "en",
      values: { code: "654321" },
    },
    ...more,
  });
  const sent = (id: string) => world.server.received.filter((received) => header(received, "Message-ID")?.includes(id));

  test("queues a mail once, however often it is asked for, and it goes out at once", async () => {
    const request = mail();
    const askedAt = Date.now();
    await Promise.all(Array.from({ length: 6 }, () => world.call(world.service("identity"), "SendMail", request)));
    await expect.poll(() => sent(request.id).length, { timeout: 10_000, interval: 10 }).toBe(1);
    expect(Date.now() - askedAt).toBeLessThan(1_500);
    await world.call(world.service("identity"), "SendMail", request);
    // The organisation was renamed meanwhile: still the same mail.
    await world.call(world.service("identity"), "SendMail", { ...request, values: { code: "111111" } });
    await expect.poll(async () => (await world.parts.store.get(mails, request.id))?.state).toBe("sent");
    expect(sent(request.id)).toHaveLength(1);
    const other = { ...request, to: "other@example.org" };
    expect(await world.refusal(world.service("identity"), "SendMail", other)).toBe("conflict id_taken");
  });

  test.each([
    ["no code", { values: {} }, "invalid wrong_value"],
    [
      "a link elsewhere",
      { template: "comment_notice", values: { link: "https://evil.example/" } },
      "invalid wrong_value",
    ],
    ["an unknown template", { template: "newsletter" }, "invalid invalid_request"],
    ["no address", { to: "" }, "invalid invalid_request"],
    ["two addresses", { to: "a@example.org, b@example.org" }, "invalid invalid_request"],
    ["an address with a header", { to: "a@example.org\r\nBcc: b@example.org" }, "invalid invalid_request"],
  ])("%s is refused", async (_why, more, expected) => {
    expect(await world.refusal(world.service("identity"), "SendMail", mail(more))).toBe(expected);
  });

  test.each(["identity", "contacts"] as const)("%s may ask for one", async (name) => {
    expect(await world.refusal(world.service(name), "SendMail", mail())).toBe("ok");
  });

  test.each(["gateway", "projects", "progress", "billing"] as const)("%s may not", async (name) => {
    expect(await world.refusal(world.service(name), "SendMail", mail())).toBe("internal service_refused");
  });

  test("no person may, nor nobody", async () => {
    const admin = world.person([["admin", world.organisationId]]);
    expect(await world.refusal(admin, "SendMail", mail())).toBe("internal service_refused");
    expect(await world.refusal(undefined, "SendMail", mail())).toBe("internal service_refused");
  });
});
