import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { mailsTo, readMail } from "@partake/testing";
import { afterAll, beforeAll, expect, test } from "vitest";

const to = "ben+1@example.org";
const first = { ID: "a", Subject: "Your code", Text: "Your code is 123456.", HTML: "<p>123456</p>" };
const asked: string[] = [];
let mailpit: Server;
let mailboxUrl = "";

/** Answers as Mailpit does (its API, v1): a search tells of mails without their text, which is asked for one by one. */
beforeAll(async () => {
  mailpit = createServer((request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? "", "http://mailpit");
    asked.push(pathname);
    const isSearch = pathname === "/api/v1/search";
    if (isSearch && searchParams.get("query") === `to:"${to}"`)
      return response.end(JSON.stringify({ messages: [{ ID: first.ID, Subject: first.Subject, Snippet: "Your" }] }));
    if (isSearch) return response.end(JSON.stringify({ messages: [] }));
    if (pathname === "/api/v1/message/a") return response.end(JSON.stringify(first));
    return response.writeHead(404).end("404 page not found");
  });
  await new Promise<void>((resolve) => mailpit.listen(0, "127.0.0.1", resolve));
  mailboxUrl = `http://127.0.0.1:${(mailpit.address() as AddressInfo).port}`;
});
afterAll(() => mailpit.close());

test("what Mailpit received is read like what the local mailbox did", async () => {
  expect(await mailsTo(mailboxUrl, to)).toEqual([
    { id: "a", subject: first.Subject, text: first.Text, html: first.HTML },
  ]);
  expect(await mailsTo(mailboxUrl, "nobody@example.org")).toEqual([]);
  expect(await readMail({ mailboxUrl, to, pattern: /(\d{6})/ })).toBe("123456");
});

test("a mailbox that is something else is an error that says so", async () => {
  await expect(mailsTo(`${mailboxUrl}/elsewhere`, to)).rejects.toThrow("The mailbox answered 404.");
  expect(asked).toContain("/elsewhere/api/v1/search");
});
