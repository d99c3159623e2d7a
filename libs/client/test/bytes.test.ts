import { describe, expect, it } from "vitest";
import { createClient } from "../src/client.ts";
import { createParser } from "../src/event-stream.ts";
import { dispositionOf, nameIn } from "../src/file-call.ts";
import { type Answer, eventStream, fakeFetch, json, problem } from "./fake-fetch.ts";

function clientOf(answers: Answer[]) {
  const { fetch, asked } = fakeFetch(answers);
  const waits: number[] = [];
  const wait = async (ms: number) => {
    waits.push(ms);
  };
  return { client: createClient({ origin: "https://partake.example", fetch, wait, random: () => 0 }), asked, waits };
}

describe("[X4] a file", () => {
  const uploaded = { id: "fil_1", name: "walk.jpg", mediaType: "image/jpeg", size: 3, sha256: "" };
  const request = { participationId: "par_1" };

  it("goes up as it is, with its name in no URL", async () => {
    const { client, asked } = clientOf([json(uploaded, { status: 201 })]);
    const body = new Uint8Array([1, 2, 3]);
    await client.gateway.uploadFile(request, { body, name: "Anna & Bé's.jpg", mediaType: "image/jpeg" });
    expect(asked[0]).toMatchObject({
      method: "POST",
      url: "https://partake.example/v1/participations/par_1/files",
      body,
    });
    expect(asked[0]?.headers.get("content-type")).toBe("image/jpeg");
    expect(asked[0]?.headers.get("idempotency-key")).not.toBeNull();
    expect(nameIn(asked[0]?.headers.get("content-disposition") ?? "")).toBe("Anna & Bé's.jpg");
  });

  it("of a blob has the blob's type", async () => {
    const { client, asked } = clientOf([problem(503), json(uploaded)]);
    await client.gateway.uploadFile(request, { body: new Blob(["a"], { type: "text/plain" }), name: "a.txt" });
    expect(asked[1]?.headers.get("content-type")).toBe("text/plain");
  });

  it("of a stream is sent once", async () => {
    const { client, asked } = clientOf([problem(503)]);
    await expect(client.gateway.uploadFile(request, { body: new Blob(["a"]).stream(), name: "a" })).rejects.toThrow(
      "503",
    );
    expect(asked).toHaveLength(1);
  });

  it("comes down with its name, type and size", async () => {
    const headers = {
      "content-type": "image/png",
      "content-length": "3",
      "content-disposition": dispositionOf("ä.png"),
    };
    const { client } = clientOf([new Response("abc", { headers })]);
    const file = await client.gateway.downloadFile({ fileId: "fil_1" });
    expect(file).toMatchObject({ name: "ä.png", mediaType: "image/png", size: 3 });
    expect(await (await file.blob()).text()).toBe("abc");
  });

  const names: [string, string | undefined][] = [
    [`attachment; filename="a b.txt"`, "a b.txt"],
    [`attachment; filename="a\\"b.txt"`, `a"b.txt`],
    [`attachment; filename="x.txt"; filename*=UTF-8''%c3%a4.txt`, "ä.txt"],
    [`attachment; filename="x.txt"; filename*=UTF-8''%zz`, "x.txt"],
    ["attachment", undefined],
    ["", undefined],
  ];
  it.each(names)("is named by %j", (disposition, name) => {
    expect(nameIn(disposition)).toBe(name);
  });

  it.each(["a\r\nX: y", `"quoted"`, "a'()*b", "\ud800", "日本.txt"])(
    "can be called %j without breaking a header",
    (name) => {
      const disposition = dispositionOf(name);
      expect(disposition).toMatch(/^[\x20-\x7e]+$/);
      expect(new Headers({ "content-disposition": disposition }).get("content-disposition")).toBe(disposition);
      expect(nameIn(disposition)).toBe(name.toWellFormed());
    },
  );
});

describe("[X4] a stream of events", () => {
  const event = (id: string) => `id: ${id}\ndata: {"id":"${id}","kind":"post.created"}\n\n`;

  async function take(client: ReturnType<typeof clientOf>["client"], count: number): Promise<string[]> {
    const ids: string[] = [];
    for await (const { id } of client.gateway.watchEvents()) {
      ids.push(id);
      if (ids.length === count) break;
    }
    return ids;
  }

  it("gives what comes, however it is cut", async () => {
    const { client, asked } = clientOf([eventStream(": hello\n\n", "id: 1\nda", `ta: {"id":"1"}\n`, "\n", event("2"))]);
    expect(await take(client, 2)).toEqual(["1", "2"]);
    expect(asked[0]?.headers.get("accept")).toBe("text/event-stream");
  });

  it("is taken up again after the last event", async () => {
    const { client, asked, waits } = clientOf([
      eventStream(event("1")),
      new TypeError("fetch failed"),
      problem(503),
      eventStream(event("2")),
    ]);
    expect(await take(client, 2)).toEqual(["1", "2"]);
    expect(asked.map(({ headers }) => headers.get("last-event-id"))).toEqual([null, "1", "1", "1"]);
    expect(waits).toEqual([500, 1000, 2000]);
  });

  it("begins where it is told to", async () => {
    const { client, asked } = clientOf([eventStream(event("9"))]);
    for await (const _ of client.gateway.watchEvents({}, { lastEventId: "8" })) break;
    expect(asked[0]?.headers.get("last-event-id")).toBe("8");
  });

  it.each([401, 403, 404, 400])("ends with a refusal that stays: %i", async (status) => {
    const { client, asked } = clientOf([problem(status)]);
    await expect(take(client, 1)).rejects.toMatchObject({ status });
    expect(asked).toHaveLength(1);
  });

  it("gives up when nothing ever comes", async () => {
    const { client, asked } = clientOf(Array.from({ length: 20 }, () => eventStream()));
    await expect(take(client, 1)).rejects.toThrow("ends before anything arrives");
    expect(asked).toHaveLength(10);
  });

  it("ends when it is aborted", async () => {
    const { client } = clientOf([eventStream(event("1")), eventStream(event("2"))]);
    const stop = new AbortController();
    const read = async () => {
      for await (const _ of client.gateway.watchEvents({}, { signal: stop.signal })) stop.abort(new Error("enough"));
    };
    await expect(read()).rejects.toThrow("enough");
  });

  it("of something that is no JSON is a fault", async () => {
    const { client } = clientOf([eventStream("data: {\n\n")]);
    await expect(take(client, 1)).rejects.toThrow(SyntaxError);
  });
});

describe("the parser of event streams", () => {
  const cases: [string, string[], string[]][] = [
    ["line breaks of every kind", ["data: a\r\n\r\ndata: b\r\rdata: c\n\n"], ["a", "b", "c"]],
    ["a line break in two halves", ["data: a\r", "\n\r", "\ndata: b\n\n"], ["a", "b"]],
    ["several lines", ["data: a\ndata:  b\ndata\n\n"], ["a\n b\n"]],
    ["comments and other fields", [": c\nevent: x\nother: y\ndata:a\n\n"], ["a"]],
    ["an event without data", ["id: 4\n\n"], []],
    ["an event that is not complete", ["data: a\n"], []],
  ];
  it.each(cases)("%s", (_name, chunks, events) => {
    const parser = createParser({ lastEventId: undefined, delayMs: 1 });
    expect(chunks.flatMap((chunk) => parser(chunk))).toEqual(events);
  });

  it("keeps the last id of complete events and the delay", () => {
    const state = { lastEventId: undefined, delayMs: 1 };
    createParser(state)("id: 1\nretry: 50\ndata: a\n\nid: 2\ndata: b\n");
    expect(state).toEqual({ lastEventId: "1", delayMs: 50 });
  });

  it("refuses an event without end", () => {
    const parser = createParser({ lastEventId: undefined, delayMs: 1 });
    expect(() => parser("a".repeat(1_000_001))).toThrow(RangeError);
  });
});
