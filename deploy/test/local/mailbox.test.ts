import { connect } from "node:net";
import { createInterface } from "node:readline";
import { afterAll, beforeAll, beforeEach, expect, test } from "vitest";
import { type Mail, type Mailbox, startMailbox } from "../../local/mailbox/mailbox.ts";
import { createMailStore } from "../../local/mailbox/store.ts";

let mailbox: Mailbox;
beforeAll(async () => {
  mailbox = await startMailbox({ httpPort: 0, smtpPort: 0 });
});
afterAll(() => mailbox.stop());
beforeEach(async () => {
  await fetch(`${mailbox.url}/api/messages`, { method: "DELETE" });
});

/** A mail client that says each line when the server has answered the one before. */
async function send(mail: { to: readonly string[]; lines: readonly string[] }): Promise<string> {
  const socket = connect(Number(new URL(mailbox.smtpUrl).port), "127.0.0.1");
  const steps = ["EHLO test", "MAIL FROM:<sender@partake.example>", ...mail.to.map((to) => `RCPT TO:<${to}>`), "DATA"];
  const script = [...steps, `${mail.lines.join("\r\n")}\r\n.`, "QUIT"];
  let last = "";
  for await (const line of createInterface({ input: socket })) {
    if (/^\d{3}-/.test(line)) continue;
    if (!/^221/.test(line)) last = line;
    const next = script.shift();
    if (next !== undefined) socket.write(`${next}\r\n`);
  }
  return last;
}

async function list(query = ""): Promise<Mail[]> {
  return (await fetch(`${mailbox.url}/api/messages${query}`)).json() as Promise<Mail[]>;
}

test("mail that was sent appears, newest first, and by receiver", async () => {
  await send({ to: ["ann@partake.example"], lines: ["Subject: First", "", "Your code is 123456."] });
  await send({
    to: ["Bo@partake.example"],
    lines: ["From: Partake <no-reply@partake.example>", "Subject: Second", "", "Hi"],
  });
  expect((await list()).map((mail) => mail.subject)).toEqual(["Second", "First"]);
  const [mail] = await list("?to=bo@partake.example");
  expect(mail).toMatchObject({ to: ["Bo@partake.example"], from: "no-reply@partake.example", subject: "Second" });
  expect(mail?.text.trim()).toBe("Hi");
  expect(Date.parse(mail?.at ?? "")).toBeGreaterThan(Date.now() - 60_000);
  expect(await list("?to=cy@partake.example")).toEqual([]);
});

test("a mail that is sent again, as after a crash, is the same mail", async () => {
  const lines = ["Message-ID: <eml_1@partake.example>", "Subject: Your code", "", "123456"];
  await send({ to: ["ann@partake.example"], lines });
  await send({ to: ["ann@partake.example"], lines: ["Subject: Another", "", "654321"] });
  await send({ to: ["ann@partake.example"], lines });
  await send({ to: ["ann@partake.example"], lines: ["Subject: Another", "", "654321"] });
  expect((await list()).map((mail) => mail.subject)).toEqual(["Another", "Another", "Your code"]);
});

test("blind copies and encoded words are understood", async () => {
  const lines = [
    "To: ann@partake.example",
    "Subject: =?utf-8?B?R3LDvMOfZQ==?=",
    "Content-Type: text/html",
    "",
    "<p>Hi</p>",
  ];
  await send({ to: ["ann@partake.example", "hidden@partake.example"], lines });
  const [mail] = await list("?to=hidden@partake.example");
  expect(mail).toMatchObject({ subject: "Grüße" });
  expect(mail?.html.trim()).toBe("<p>Hi</p>");
});

test("what a mail contains is never part of the page", async () => {
  const attack = `<script>alert(1)</script><img src=x onerror=alert(1)>"'`;
  const lines = [`Subject: ${attack}`, "Content-Type: text/html", "", `${attack}</iframe>`];
  await send({ to: ["ann@partake.example"], lines });
  const [mail] = await list();
  for (const path of ["/", `/messages/${mail?.id}`, `/?to=${encodeURIComponent(attack)}`]) {
    const response = await fetch(`${mailbox.url}${path}`);
    const html = await response.text();
    expect(html).not.toContain("<script>alert");
    expect(html).not.toContain("<img");
    expect(response.headers.get("content-security-policy")).toContain("default-src 'none'");
  }
});

test("a link in a text can be followed", async () => {
  await send({ to: ["ann@partake.example"], lines: ["Subject: Hi", "", "Open https://partake.example/i?a=1&b=2 now"] });
  const [mail] = await list();
  const html = await (await fetch(`${mailbox.url}/messages/${mail?.id}`)).text();
  expect(html).toContain('href="https://partake.example/i?a=1&amp;b=2"');
});

test("a message that is too large is refused", async () => {
  const lines = ["Subject: Large", "", ...Array.from({ length: 11 * 1024 }, () => "x".repeat(1_000))];
  expect(await send({ to: ["ann@partake.example"], lines })).toMatch(/^552/);
  expect(await list()).toEqual([]);
});

test("a page under another site's name is not served", async () => {
  const { request } = await import("node:http");
  const status = await new Promise((resolve) => {
    request(`${mailbox.url}/api/messages`, { headers: { host: "evil.example" } }, (response) => {
      response.resume();
      resolve(response.statusCode);
    }).end();
  });
  expect(status).toBe(421);
});

test.each([
  ["GET", "/nothing", 404],
  ["GET", "/api/messages/none", 404],
  ["GET", "/messages/none", 404],
  ["POST", "/api/messages", 404],
])("%s %s answers %i", async (method, path, status) => {
  expect((await fetch(`${mailbox.url}${path}`, { method })).status).toBe(status);
});

test("the oldest of more than 2,000 messages goes", () => {
  const store = createMailStore();
  for (let number = 0; number < 2_001; number += 1) {
    store.add({ to: ["ann@partake.example"], from: "", subject: String(number), text: "", html: "" });
  }
  expect(store.list().length).toBe(2_000);
  expect(store.list().at(-1)?.subject).toBe("1");
});
