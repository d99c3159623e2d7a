import { randomBytes } from "node:crypto";
import { openStore, type Store } from "@partake/store";
import { type FakeClock, fakeClock, newId } from "@partake/testing";
import mongoose from "mongoose";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type Delivery, startDelivery } from "../src/delivery.ts";
import { type Order, queued } from "../src/queueing.ts";
import { openSealing } from "../src/sealing.ts";
import { openSmtp } from "../src/smtp.ts";
import { type MailRecord, mails } from "../src/store/mails.ts";
import { header, type MailServer, startMailServer } from "./mail-server.ts";

const database = `test_messaging_${randomBytes(5).toString("hex")}`;
const encryptionKeys = [randomBytes(32).toString("base64")];
const sealing = openSealing(encryptionKeys);
const config = { mailFrom: "Partake <no-reply@partake.example.org>", origin: "https://partake.example.org" };
const cause = { actorId: "service:identity", traceparent: undefined };
const logged: object[] = [];
const log = Object.fromEntries(
  ["debug", "info", "warn", "error"].map((level) => [
    level,
    (fields: object, text: string) => logged.push({ ...fields, text }),
  ]),
) as never;

let server: MailServer;
let clock: FakeClock;
let store: Store;
let deliveries: Delivery[];

beforeAll(async () => {
  server = await startMailServer();
  // MongoDB drops old lines of the log by its own clock.
  clock = fakeClock(new Date());
  store = await open();
  await store.migrate();
});
afterAll(async () => {
  await store?.close();
  await server?.stop();
  const connection = await mongoose.createConnection(uri(), { dbName: database }).asPromise();
  await connection.dropDatabase();
  await connection.close();
});
beforeEach(() => {
  deliveries = [];
  logged.length = 0;
  server.received.length = 0;
  server.refuse = {};
  server.delayMs = 0;
});
afterEach(async () => {
  await Promise.all(deliveries.map((delivery) => delivery.stop()));
});

function uri(): string {
  return process.env["MONGODB_URI"] ?? "";
}

function open(): Promise<Store> {
  const source = "/partake/messaging";
  return openStore({ uri: uri(), database, collections: [mails], encryptionKeys, source, log, clock });
}

function deliver(of: { store?: Store; url?: string } = {}): Delivery {
  const smtp = openSmtp(of.url ?? server.url);
  const delivery = startDelivery({ store: of.store ?? store, clock, log, config, sealing, smtp, pauseMs: 20 });
  deliveries.push(delivery);
  return delivery;
}

async function queue(more: Partial<Order> = {}): Promise<string> {
  const id = newId("eml");
  const code = { template: "login_code", values: { code: "042917" } } as const;
  const order: Order = { id, to: "marked@example.org", language: "en", ...code, ...more };
  await store.write(cause, async (tx) => (await tx.insert(mails, queued(order, { sealing, now: tx.now })))._id);
  return id;
}

const mail = async (id: string) => (await store.get(mails, id)) as MailRecord;
const state = async (id: string) => (await mail(id)).state;
const ends = (id: string, as: string) => expect.poll(() => state(id), { timeout: 10_000 }).toBe(as);

describe("[E9] delivery", () => {
  test("a queued mail is sent once, from the platform's address, with its own Message-ID", async () => {
    deliver();
    const id = await queue();
    await ends(id, "sent");
    expect(server.received).toHaveLength(1);
    const [received] = server.received;
    if (!received) throw new Error("no mail");
    expect(received).toMatchObject({ from: "no-reply@partake.example.org", to: ["marked@example.org"] });
    expect(header(received, "Message-ID")).toBe(`<${id}@partake.example.org>`);
    expect(header(received, "From")).toBe("Partake <no-reply@partake.example.org>");
    expect(header(received, "Auto-Submitted")).toBe("auto-generated");
    expect(header(received, "List-Unsubscribe")).toBeUndefined();
    expect(received.raw).toContain("042917");
  });

  test("at rest nothing of it can be read, and once it has ended nothing personal is left", async () => {
    const id = await queue();
    const raw = async () => {
      const connection = await mongoose.createConnection(uri(), { dbName: database }).asPromise();
      const found = await connection.collection("mails").findOne({ _id: id as never });
      await connection.close();
      return JSON.stringify(found);
    };
    const before = await raw();
    expect(before).toContain(id);
    for (const secret of ["marked", "example.org", "042917"]) expect(before).not.toContain(secret);
    deliver();
    await ends(id, "sent");
    expect(await mail(id)).not.toHaveProperty("sealed");
    expect(await mail(id)).toMatchObject({ addressHash: sealing.hash("marked@example.org", "address"), attempts: 1 });
    expect(JSON.stringify(logged)).not.toMatch(/marked|042917/);
    expect(JSON.stringify(logged)).toContain(id);
  });

  test.each([
    ["rcpt", 550],
    ["data", 554],
  ] as const)("a refusal for good (%s %i) is not tried again", async (at, responseCode) => {
    server.refuse = { [at]: responseCode };
    deliver();
    const id = await queue();
    await ends(id, "failed");
    expect(await mail(id)).toMatchObject({ attempts: 1, reason: `smtp_${responseCode}` });
    expect(await mail(id)).not.toHaveProperty("sealed");
    expect(JSON.stringify(logged)).not.toContain("marked");
  });

  test("a refusal for now is tried again, later and later", async () => {
    server.refuse = { rcpt: 451 };
    const delivery = deliver();
    const id = await queue();
    const tried = (attempts: number) =>
      expect.poll(async () => [(await mail(id)).attempts, (await mail(id)).reason]).toEqual([attempts, "smtp_451"]);
    await tried(1);
    const due = (await mail(id)).nextAttemptAt as Date;
    expect(due.getTime() - clock.nowMs()).toBe(5_000);
    clock.advance(5_000);
    delivery.wake();
    await tried(2);
    await expect.poll(async () => (await mail(id)).nextAttemptAt?.getTime()).toBe(clock.nowMs() + 20_000);
    server.refuse = {};
    clock.advance(20_000);
    delivery.wake();
    await ends(id, "sent");
    expect(server.received).toHaveLength(1);
  });

  test("with the server away a mail waits, and goes out when it is back", async () => {
    const gone = deliver({ url: "smtp://127.0.0.1:1" });
    const id = await queue();
    await expect.poll(async () => (await mail(id)).reason, { timeout: 10_000 }).toMatch(/^unreachable/);
    await gone.stop();
    clock.advance(5_000);
    deliver();
    await ends(id, "sent");
  });

  test("after its expiry it is not sent any more, also when it was due before", async () => {
    server.refuse = { rcpt: 451 };
    const expiresAt = () => new Date(clock.nowMs() + 10_000);
    const [late, tried] = [
      await queue({ expiresAt: new Date(clock.nowMs()) }),
      await queue({ expiresAt: expiresAt() }),
    ];
    const delivery = deliver();
    await ends(late, "expired");
    await expect.poll(async () => (await mail(tried)).reason).toBe("smtp_451");
    server.refuse = {};
    clock.advance(10_000);
    delivery.wake();
    await ends(tried, "expired");
    expect(server.received).toEqual([]);
    expect(await mail(tried)).not.toHaveProperty("sealed");
  });

  test("two replicas send each mail once", async () => {
    const second = await open();
    server.delayMs = 5;
    const ids = await Promise.all(Array.from({ length: 30 }, () => queue()));
    deliver();
    deliver({ store: second });
    for (const id of ids) await ends(id, "sent");
    const messageIds = server.received.map((received) => header(received, "Message-ID"));
    expect(new Set(messageIds).size).toBe(30);
    expect(messageIds).toHaveLength(30);
    await Promise.all(deliveries.map((delivery) => delivery.stop()));
    await second.close();
  });

  test("a mail whose sender crashed in the middle goes out again under the same Message-ID", async () => {
    const id = await queue();
    const claimed = await mail(id);
    // As a process leaves it that was killed after the server took the mail: claimed, not concluded.
    await store.write(cause, async (tx) => {
      const nextAttemptAt = new Date(clock.nowMs() + 120_000);
      return (await tx.update(mails, claimed, { attempts: 1, nextAttemptAt }))._id;
    });
    const delivery = deliver();
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(server.received).toEqual([]);
    clock.advance(120_000);
    delivery.wake();
    await ends(id, "sent");
    const [received] = server.received;
    expect(received && header(received, "Message-ID")).toBe(`<${id}@partake.example.org>`);
    expect((await mail(id)).attempts).toBe(2);
  });

  test("what cannot be opened is given up, and the others go on", async () => {
    const stranger = openSealing([randomBytes(32).toString("base64")]);
    const id = newId("eml");
    const order: Order = {
      id,
      to: "a@example.org",
      language: "en",
      template: "login_code",
      values: { code: "123456" },
    };
    await store.write(
      cause,
      async (tx) => (await tx.insert(mails, queued(order, { sealing: stranger, now: tx.now })))._id,
    );
    const next = await queue();
    deliver();
    await ends(id, "failed");
    await ends(next, "sent");
  });

  test("an exchanged key still opens what waits", async () => {
    const id = await queue();
    const exchanged = openSealing([randomBytes(32).toString("base64"), ...encryptionKeys]);
    const smtp = openSmtp(server.url);
    deliveries.push(startDelivery({ store, clock, log, config, sealing: exchanged, smtp, pauseMs: 20 }));
    await ends(id, "sent");
  });
});

describe("[E9] header injection", () => {
  test("words of people make no headers and no recipients", async () => {
    const organisation = "Harbour\r\nBcc: all@example.org\r\n\r\n<script>marked</script>";
    const link = "https://partake.example.org/invitations#token";
    deliver();
    const id = await queue({ template: "participant_invitation", values: { organisation, link } });
    await ends(id, "sent");
    const [received] = server.received;
    if (!received) throw new Error("no mail");
    expect(received.to).toEqual(["marked@example.org"]);
    expect(header(received, "Bcc")).toBeUndefined();
    const [plain, html] = received.raw.split("Content-Type: text/html");
    expect(plain).toContain("Harbour Bcc:");
    expect(html).toContain("&lt;script&gt;");
    expect(html).not.toContain("<script");
  });
});
