import { createHash } from "node:crypto";
import { request } from "node:http";
import { failure } from "@partake/failure";
import { newId } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GatewayWorld, startGatewayWorld, type Told } from "./gateway-world.ts";
import type { Person } from "./people.ts";
import * as sample from "./sample-files.ts";

const word = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
const sheet = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
const openText = "application/vnd.oasis.opendocument.text";

let world: GatewayWorld;
let reporter: Person;
const project = newId("prj");
const participation = newId("par");
/** Records as the service of files would keep them. */
const records = new Map<string, Record<string, unknown>>();
let readers: string[];

beforeAll(async () => {
  world = await startGatewayWorld();
  world.people.addProject(project, { organisationId: world.organisationId, status: "published", visibility: "people" });
  reporter = world.people.person([["reporter", project]]);
});
afterAll(() => world.stop());
beforeEach(() => {
  records.clear();
  readers = [reporter.userId];
  const { answers, seen } = world.upstream;
  seen.length = 0;
  answers.set("CreateFile", ({ id, name, mediaType }) => {
    const record = records.get(String(id)) ?? {
      id,
      projectId: project,
      name,
      mediaType,
      size: 0,
      sha256: "",
      state: "announced",
      version: 1,
    };
    records.set(String(id), record);
    return record;
  });
  answers.set("CompleteFile", ({ fileId, size, sha256 }) =>
    Object.assign(records.get(String(fileId)) ?? {}, { size, sha256, state: "stored", version: 2 }),
  );
  answers.set("GetFile", ({ fileId }, call) => {
    const record = records.get(String(fileId));
    if (!record || !readers.includes(call.actorId)) throw failure("not_found", "not_found");
    return record;
  });
});

interface Uploading {
  type?: string;
  name?: string;
  as?: Person;
  key?: string;
  headers?: Record<string, string>;
}
function upload(
  body: Buffer | ReadableStream,
  {
    type = "image/png",
    name = 'attachment; filename="a.png"',
    as = reporter,
    key = newId("key"),
    headers = {},
  }: Uploading = {},
): Promise<Told> {
  const given = { "content-type": type, "content-disposition": name, "idempotency-key": key, ...headers };
  return world.ask("POST", `/v1/participations/${participation}/files`, { as, body, headers: given });
}
const download = (id: string, headers: Record<string, string> = {}, as = reporter) =>
  world.ask("GET", `/v1/files/${id}`, { as, headers });
async function downloaded(id: string): Promise<Buffer> {
  const answer = await fetch(`${world.url}/v1/files/${id}`, {
    headers: { authorization: `Bearer ${world.people.token(reporter)}` },
  });
  return Buffer.from(await answer.arrayBuffer());
}
const sha256 = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
const storedBytes = async () => (await world.files.sweep(new Date(Date.now() + 3600_000))).removed;

describe("[G19] uploads", () => {
  const taken: [name: string, file: Buffer, type: string][] = [
    ["PNG", sample.pngFile(), "image/png"],
    ["JPEG", sample.jpegFile(), "image/jpeg"],
    ["GIF", sample.gifFile, "image/gif"],
    ["WebP", sample.webpFile, "image/webp"],
    ["PDF", sample.pdfFile, "application/pdf"],
    ["text", Buffer.from("Grüße\nand more\r\n\ttext"), "text/plain; charset=utf-8"],
    ["text that begins with a sign", Buffer.from("<3 that was a good day"), "text/plain"],
    ["CSV of another encoding", Buffer.from("name;größe\n", "latin1"), "text/csv"],
    ["MP3", sample.mp3File, "audio/mpeg"],
    ["M4A", sample.m4aFile, "audio/mp4"],
    ["OGG", sample.oggFile, "audio/ogg"],
    ["MP4", sample.mp4File, "video/mp4"],
    ["Word", sample.docxFile, word],
    ["Excel", sample.xlsxFile, sheet],
    ["OpenDocument", sample.odtFile, openText],
  ];
  test.each(taken)("taken: %s", async (_, file, type) => {
    const told = await upload(file, { type });
    expect([told.status, told.text]).toEqual([201, expect.stringContaining(sha256(file))]);
    expect(told.json).toEqual({
      id: expect.stringMatching(/^fil_/),
      name: "a.png",
      mediaType: type.split(";")[0],
      size: file.length,
      sha256: sha256(file),
    });
    expect(told.headers.get("location")).toBe(`/v1/files/${told.json.id}`);
    expect(world.upstream.seen.map(({ operation }) => operation)).toEqual(["CreateFile", "CompleteFile"]);
    expect(sha256(await downloaded(told.json.id))).toBe(sha256(file));
  });

  const html = Buffer.from("<!doctype html><script>alert(1)</script>");
  const svg = Buffer.from('<svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>');
  const program = Buffer.concat([Buffer.from("MZ"), Buffer.alloc(200)]);
  const refused: [name: string, file: Buffer, type: string, status?: number, reason?: string][] = [
    ["HTML", html, "text/html"],
    ["SVG", svg, "image/svg+xml"],
    ["XML", Buffer.from("<?xml version='1.0'?>"), "application/xml"],
    ["a program", program, "application/octet-stream"],
    ["a script", Buffer.from("alert(1)"), "text/javascript"],
    ["an archive", sample.plainZip, "application/zip"],
    ["HTML as text", html, "text/plain"],
    ["SVG as text", svg, "text/plain"],
    ["HTML as CSV, after a mark", Buffer.concat([Buffer.from([0xef, 0xbb, 0xbf]), html]), "text/csv"],
    ["a shell script as text", Buffer.from("#!/bin/sh\n"), "text/plain"],
    ["bytes as text", Buffer.from([65, 0, 66]), "text/plain"],
    ["HTML as a picture", html, "image/png"],
    ["SVG as a picture", svg, "image/jpeg"],
    ["a program as PDF", program, "application/pdf"],
    ["a PNG as JPEG", sample.pngFile(), "image/jpeg"],
    ["a GIF that is JavaScript", Buffer.from("GIF89a=1;alert(1)//"), "image/gif", 413, "image_too_large"],
    [
      "a GIF of blocks that are none",
      Buffer.concat([sample.gifFile.subarray(0, 13), Buffer.from("=1;alert(1)")]),
      "image/gif",
    ],
    ["PDF behind something else", Buffer.concat([Buffer.alloc(10), sample.pdfFile]), "application/pdf"],
    ["PDF that is an archive, too", Buffer.concat([sample.pdfFile, sample.plainZip]), "application/pdf"],
    ["MP3 that is an archive, too", Buffer.concat([sample.mp3File, sample.plainZip]), "audio/mpeg"],
    ["MP3 as a film", sample.mp3File, "video/mp4"],
    ["a film that is an archive, too", Buffer.concat([sample.mp4File, sample.plainZip]), "video/mp4"],
    ["a film of boxes in boxes", sample.deepMp4(2_000), "video/mp4"],
    ["half a film", sample.mp4File.subarray(0, sample.mp4File.length - 2), "video/mp4"],
    ["a film with a box that is larger than its own", overfull(sample.mp4WithPlace("here")), "video/mp4"],
    ["an archive as Word", sample.plainZip, word],
    ["Word as Excel", sample.docxFile, sheet],
    ["Word with macros", sample.docmFile, word],
    [
      "Word behind something else",
      sample.zipFile({ "[Content_Types].xml": "", "word/document.xml": "" }, { before: Buffer.from("GIF89a") }),
      word,
    ],
    [
      "Word that unpacks to gigabytes",
      sample.zipFile({ "[Content_Types].xml": "", "word/document.xml": "" }, { unpacked: 0xffff_fff0 }),
      word,
    ],
    ["Word with more after its end", Buffer.concat([sample.docxFile, Buffer.from("x")]), word],
    [
      "OpenDocument that does not begin as one",
      sample.zipFile({ a: "b", mimetype: openText, "content.xml": "" }),
      openText,
    ],
    ["half a PNG", sample.pngFile().subarray(0, 40), "image/png"],
    ["half a JPEG", sample.jpegFile().subarray(0, 60), "image/jpeg"],
    ["nothing as a picture", Buffer.alloc(0), "image/png"],
    ["a picture of 10^9 pixels", sample.pngFile({ width: 2 ** 31 }), "image/png", 413, "image_too_large"],
    ["a photo of 10^9 pixels", sample.jpegFile({ side: 65_000 }), "image/jpeg", 413, "image_too_large"],
    ["no type", sample.pngFile(), ""],
  ];
  test.each(refused)("refused: %s", async (_, file, type, status = 415, reason = "file_type") => {
    const told = await upload(file, { type });
    expect([told.status, told.json.reason]).toEqual([status, reason]);
    expect(world.upstream.seen.map(({ operation }) => operation)).not.toContain("CompleteFile");
    expect(await storedBytes()).toBe(0);
  });

  test("what only describes a picture stays behind: where, when, by what; its orientation is kept", async () => {
    const note = "MARKED 52.2297 N, 21.0122 E";
    const files: [Buffer, string][] = [
      [sample.pngFile({ text: note, after: Buffer.from(note) }), "image/png"],
      [sample.jpegFile({ note, orientation: 6, after: sample.zipFile({ a: note }) }), "image/jpeg"],
      [sample.gifWithComment(note), "image/gif"],
      [sample.webpWithExif(note), "image/webp"],
      [sample.mp4WithPlace(note), "video/mp4"],
    ];
    for (const [file, type] of files) {
      expect(file.includes("MARKED")).toBe(true);
      const told = await upload(file, { type });
      expect(told.status).toBe(201);
      const kept = await downloaded(told.json.id);
      expect(kept.includes("MARKED")).toBe(false);
      expect(told.json).toMatchObject({ size: kept.length, sha256: sha256(kept) });
    }
    const photo = await downloaded(
      (await upload(sample.jpegFile({ note, orientation: 6 }), { type: "image/jpeg" })).json.id,
    );
    expect(photo.indexOf(Buffer.from([0x01, 0x12, 0, 3, 0, 0, 0, 1, 0, 6]))).toBeGreaterThan(0);
    expect(sample.pngFile({ text: note })).not.toEqual(sample.pngFile());
    expect(await downloaded((await upload(sample.pngFile({ text: note }))).json.id)).toEqual(sample.pngFile());
  });

  const names: [header: string, name: string][] = [
    ['attachment; filename="photo of us.png"', "photo of us.png"],
    ["attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe.png", "Grüße.png"],
    ["attachment; filename=\"plain.png\"; filename*=UTF-8''better%20one.png", "better one.png"],
    ['attachment; filename="../../etc/passwd"', "passwd"],
    ['attachment; filename="C:\\\\windows\\\\cmd.exe.png"', "cmd.exe.png"],
    ["attachment; filename*=UTF-8''a%00b%0d%0aSet-Cookie%3A%20c.png", " c.png".trim()],
    ["attachment; filename*=UTF-8''%E2%80%AEgnp.exe", "gnp.exe"],
    ['attachment; filename="<script>.png"', "_script_.png"],
    ['attachment; filename="..."', "file.png"],
    ['attachment; filename="CON.png"', "_CON.png"],
    ['attachment; filename=""', "file.png"],
    ["attachment", "file.png"],
    [`attachment; filename="${"a".repeat(300)}.png"`, `${"a".repeat(195)}.png`],
  ];
  test.each(names)("a name from %s", async (header, name) => {
    const told = await upload(sample.pngFile(), { name: header });
    expect([told.status, told.json.name]).toEqual([201, name]);
  });

  test.each([
    ["filename=a"],
    ['attachment; filename="a'],
    ["attachment; filename*=latin1''a"],
    ["attachment; filename*=UTF-8''%zz"],
    ['attachment; filename="a"; filename="b"'],
    ["attachment; =a"],
  ])("refused: a name as in %s", async (header) => {
    const told = await upload(sample.pngFile(), { name: header });
    expect([told.status, told.json.reason]).toEqual([400, "content_disposition"]);
  });

  test("refused: too large, whether it says so or not", async () => {
    const [mib, big] = [1024 * 1024, Buffer.alloc(26 * 1024 * 1024, "a")];
    const told = await upload(big, { type: "text/plain" });
    expect([told.status, told.json.reason]).toEqual([413, "file_too_large"]);
    let sent = 0;
    const stream = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > 30) controller.close();
        else controller.enqueue(big.subarray(0, mib));
      },
    });
    const streamed = await upload(stream, { type: "text/plain" });
    expect([streamed.status, streamed.json.reason]).toEqual([413, "file_too_large"]);
    expect(await storedBytes()).toBe(0);
  });

  test("who may not add a file there sends no byte of it", async () => {
    const observer = world.people.person([["observer", project]]);
    expect((await upload(sample.pngFile(), { as: observer })).status).toBe(403);
    world.upstream.answers.set("CreateFile", () => {
      throw failure("not_found", "participation_not_found");
    });
    expect((await upload(sample.pngFile())).status).toBe(404);
    expect(await storedBytes()).toBe(0);
  });

  test("bytes whose record is not complete are handed to nobody", async () => {
    const { id } = (await upload(sample.pngFile())).json;
    Object.assign(records.get(id) ?? {}, { state: "announced" });
    expect((await download(id)).status).toBe(404);
  });

  test("an upload repeated under its key is the same file", async () => {
    const [first, again] = [
      await upload(sample.pngFile(), { key: "same" }),
      await upload(sample.pngFile(), { key: "same" }),
    ];
    expect(again.json).toEqual(first.json);
    expect(await downloaded(first.json.id)).toEqual(sample.pngFile());
  });

  test("an upload that is cut off leaves nothing, and its record stays incomplete", async () => {
    const headers = {
      authorization: `Bearer ${world.people.token(reporter)}`,
      "content-type": "text/plain",
      "idempotency-key": newId("key"),
    };
    const sent = request(`${world.url}/v1/participations/${participation}/files`, { method: "POST", headers });
    sent.on("error", () => undefined);
    sent.write(Buffer.alloc(600_000, "a"));
    for (let attempt = 0; attempt < 100 && records.size === 0; attempt += 1)
      await new Promise((resolve) => setTimeout(resolve, 20));
    await new Promise((resolve) => setTimeout(resolve, 100));
    sent.destroy();
    await new Promise((resolve) => setTimeout(resolve, 300));
    expect(await storedBytes()).toBe(0);
    const [id = ""] = records.keys();
    expect(records.get(id)).toMatchObject({ state: "announced" });
    expect((await download(id)).status).toBe(404);
  });
});

describe("[G19] downloads", () => {
  let id: string;
  const text = Buffer.from("0123456789");
  beforeEach(async () => {
    id = (
      await upload(text, { type: "text/plain", name: "attachment; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20%22a%22.txt" })
    ).json.id;
  });

  test("an attachment without any rights in a browser", async () => {
    const told = await download(id);
    expect([told.status, told.text]).toEqual([200, "0123456789"]);
    expect(Object.fromEntries(told.headers)).toMatchObject({
      "content-type": "text/plain",
      "content-length": "10",
      "content-disposition": `attachment; filename="Gr__e _a_.txt"; filename*=UTF-8''Gr%C3%BC%C3%9Fe%20_a_.txt`,
      "x-content-type-options": "nosniff",
      "cache-control": "no-store",
      etag: `"${sha256(text)}"`,
    });
    expect(told.headers.get("content-security-policy")).toMatch(/default-src 'none'.*sandbox/);
  });

  test("asked about again each time", async () => {
    readers = [];
    expect((await download(id)).status).toBe(404);
    readers = [reporter.userId];
    expect((await download(id)).status).toBe(200);
    world.people.setRoles(reporter, []);
    expect([403, 404]).toContain((await download(id)).status);
    world.people.setRoles(reporter, [["reporter", project]]);
  });

  const ranges: [range: string, status: number, text: string, of: string | null][] = [
    ["bytes=0-3", 206, "0123", "bytes 0-3/10"],
    ["bytes=7-", 206, "789", "bytes 7-9/10"],
    ["bytes=-2", 206, "89", "bytes 8-9/10"],
    ["bytes=5-100", 206, "56789", "bytes 5-9/10"],
    ["bytes=10-", 416, "", "bytes */10"],
    ["bytes=-0", 416, "", "bytes */10"],
    ["bytes=5-2", 200, "0123456789", null],
    ["bytes=0-1,3-4", 200, "0123456789", null],
    ["lines=0-1", 200, "0123456789", null],
  ];
  test.each(ranges)("the range %s", async (range, status, part, of) => {
    const told = await download(id, { range });
    expect([told.status, told.text, told.headers.get("content-range")]).toEqual([status, part, of]);
  });

  test("what a client has already is not sent again; a range of another version is not joined to it", async () => {
    const tag = `"${sha256(text)}"`;
    expect(await download(id, { "if-none-match": tag })).toMatchObject({ status: 304, text: "" });
    expect((await download(id, { range: "bytes=0-1", "if-range": tag })).status).toBe(206);
    expect((await download(id, { range: "bytes=0-1", "if-range": '"other"' })).status).toBe(200);
    const head = await world.ask("HEAD", `/v1/files/${id}`, { as: reporter });
    expect([head.status, head.text, head.headers.get("content-length")]).toEqual([200, "", "10"]);
  });

  test("a record without its bytes is nothing", async () => {
    Object.assign(records.get(id) ?? {}, { sha256: "0".repeat(64) });
    expect((await download(id)).status).toBe(404);
  });
});

/** The first track claims more bytes than the table that it is in. */
function overfull(film: Buffer): Buffer {
  const copy = Buffer.from(film);
  copy.writeUInt32BE(60_000, copy.indexOf("trak") - 4);
  return copy;
}
