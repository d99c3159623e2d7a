// Bytes that nobody owns any more, as the gateway removes them: which ones, the services of their records say.
import { createHash } from "node:crypto";
import { failure } from "@partake/failure";
import { newId } from "@partake/testing";
import pino from "pino";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { FileStore } from "../src/files/file-store.ts";
import { sweepLeaving } from "../src/files/sweep.ts";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import type { Person } from "./people.ts";
import * as sample from "./sample-files.ts";

let world: GatewayWorld;
let reporter: Person;
let lines: string[];
const project = newId("prj");
const participation = newId("par");
const files = new Map<string, Record<string, unknown>>();
/** What each service says is to leave. */
const leaving = { Progress: new Set<string>(), Projects: new Set<string>() };
/** What happens instead of an answer, once. */
const accidents = new Map<string, () => never>();

beforeAll(async () => {
  world = await startGatewayWorld();
  world.people.addProject(project, { organisationId: world.organisationId, status: "published", visibility: "people" });
  reporter = world.people.person([["reporter", project]]);
});
afterAll(() => world?.stop());
beforeEach(() => {
  for (const held of [files, accidents, leaving.Progress, leaving.Projects]) held.clear();
  lines = [];
  const { answers, seen } = world.upstream;
  seen.length = 0;
  answers.set("CreateFile", ({ id, name, mediaType }) => {
    const record = { id, projectId: project, name, mediaType, size: 0, sha256: "", state: "announced", version: 1 };
    files.set(String(id), record);
    return record;
  });
  answers.set("CompleteFile", ({ fileId, size, sha256 }) => {
    accident("CompleteFile");
    return Object.assign(files.get(String(fileId)) ?? {}, { size, sha256, state: "stored", version: 2 });
  });
  answers.set("GetFile", ({ fileId }) => files.get(String(fileId)) ?? {});
  answers.set("ReadLeavingBytes", (_, { operation: { service } }) => {
    accident(`${service} ReadLeavingBytes`);
    return { ids: [...leaving[service as keyof typeof leaving]] };
  });
  answers.set("ForgetBytes", ({ ids }, { operation: { service } }) => {
    accident(`${service} ForgetBytes`);
    for (const id of ids as string[]) leaving[service as keyof typeof leaving].delete(id);
    return {};
  });
});

function accident(name: string): void {
  const happens = accidents.get(name);
  accidents.delete(name);
  happens?.();
}
const away = () => {
  throw failure("unavailable", "shutting_down");
};

const sha256Of = (bytes: Buffer) => createHash("sha256").update(bytes).digest("hex");
async function* pieces(text: string): AsyncGenerator<Buffer> {
  yield Buffer.from(text);
}
const send = (body = sample.pngFile(), headers: Record<string, string> = {}) =>
  world.ask("POST", `/v1/participations/${participation}/files`, {
    ...{ as: reporter, body },
    headers: { "content-type": "image/png", "content-disposition": 'attachment; filename="anna.png"', ...headers },
  });
async function uploaded(): Promise<string> {
  const told = await send();
  expect(told.status).toBe(201);
  return told.json.id;
}
const isThere = async (id: string) =>
  (await world.ask("GET", `/v1/files/${id}`, { as: reporter })).status === 200 ? "there" : "gone";
const sweep = (store: FileStore = world.files) =>
  sweepLeaving(
    {
      ...{ files: store, invoke: world.upstream.invoke },
      log: pino({ level: "info" }, { write: (line: string) => void lines.push(line) }),
    },
    new AbortController().signal,
  );

describe("[G19] bytes without an owner", () => {
  test("leave, of whichever service, and nothing else does", async () => {
    const [gone, kept, picture] = [await uploaded(), await uploaded(), newId("img")];
    await (await world.files.write(picture, pieces("picture"))).keep("0".repeat(64));
    leaving.Progress.add(gone);
    leaving.Projects.add(picture);
    await sweep();
    expect([await isThere(gone), await isThere(kept)]).toEqual(["gone", "there"]);
    expect(await world.files.read({ fileId: picture, sha256: "0".repeat(64) })).toBeUndefined();
    expect([leaving.Progress.size, leaving.Projects.size]).toEqual([0, 0]);
  });

  test("are removed before they are forgotten, and again where that was cut off", async () => {
    const id = await uploaded();
    leaving.Progress.add(id);
    accidents.set("Progress ForgetBytes", away);
    await sweep();
    expect(await isThere(id)).toBe("gone");
    expect([...leaving.Progress]).toEqual([id]);
    await sweep();
    expect([...leaving.Progress]).toEqual([]);
  });

  test("stay where they cannot be removed, and are told of again; the others leave", async () => {
    const [stuck, gone] = [await uploaded(), await uploaded()];
    for (const id of [stuck, gone]) leaving.Progress.add(id);
    const store: FileStore = {
      ...world.files,
      async remove(id) {
        if (id === stuck) throw new Error(`${id} of anna.png is locked`);
        await world.files.remove(id);
      },
    };
    world.upstream.answers.set("ReadLeavingBytes", (_, { operation: { service } }) => {
      const asked = world.upstream.seen.filter(({ operation }) => operation === "ReadLeavingBytes").length;
      return { ids: service === "Progress" && asked <= 2 ? [...leaving.Progress] : [] };
    });
    await sweep(store);
    expect([await isThere(stuck), await isThere(gone)]).toEqual(["there", "gone"]);
    expect([...leaving.Progress]).toEqual([stuck]);
    expect(lines.join("")).toContain('"left":1');
    expect(lines.join("")).not.toContain("anna");
  });

  test("of one service leave also while another does not answer", async () => {
    const [id, picture] = [newId("fil"), newId("img")];
    for (const [name, expected] of [
      ["Projects", { Progress: 0, Projects: 1 }],
      ["Progress", { Progress: 1, Projects: 0 }],
    ] as const) {
      leaving.Progress.add(id);
      leaving.Projects.add(picture);
      accidents.set(`${name} ReadLeavingBytes`, () => {
        throw failure("internal", "internal");
      });
      await sweep();
      expect({ Progress: leaving.Progress.size, Projects: leaving.Projects.size }).toEqual(expected);
    }
  });

  test("are also those whose completion was refused: the upload fails, and they leave when their service says so", async () => {
    accidents.set("CompleteFile", () => {
      throw failure("not_found", "not_found");
    });
    expect(await send()).toMatchObject({ status: 404, json: { reason: "not_found" } });
    const [id = ""] = files.keys();
    const documents = () => world.files.read({ fileId: id, sha256: sha256Of(sample.pngFile()) });
    expect(await documents()).toBeDefined();
    leaving.Progress.add(id);
    await sweep();
    expect(await documents()).toBeUndefined();
  });

  test("are those of a repeat with another content, and they leave at once; the file's own stay", async () => {
    const key = { "idempotency-key": newId("key") };
    const [first, other] = [sample.pngFile(), sample.pngFile({ width: 2 })];
    const { id } = (await send(first, key)).json as { id: string };
    accidents.set("CompleteFile", () => {
      throw failure("conflict", "already_exists");
    });
    expect(await send(other, key)).toMatchObject({ status: 409, json: { reason: "already_exists" } });
    expect(await world.files.read({ fileId: id, sha256: sha256Of(other) })).toBeUndefined();
    expect(await world.files.read({ fileId: id, sha256: sha256Of(first) })).toBeDefined();
    // Refused otherwise, it may be complete with them by another try.
    accidents.set("CompleteFile", () => {
      throw failure("not_found", "not_found");
    });
    expect((await send(first, key)).status).toBe(404);
    expect(await world.files.read({ fileId: id, sha256: sha256Of(first) })).toBeDefined();
  });
});
