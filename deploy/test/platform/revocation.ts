import { newId } from "@partake/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { openStream } from "../../tour/live-stream.ts";
import { type Leaver, leaver, statusOf } from "./leaver.ts";

/** Whole as `npm run prove`; a part of it in each `npm test`. */
const ROUNDS = process.env["PARTAKE_PROVE"] ? 200 : 5;
const LIMIT_MS = 1_000;
const EVERY_MS = 50;
/** How much longer than the limit is looked whether what was refused works again. */
const AFTERWARDS_MS = 500;

type Way = "route" | "download" | "stream";

/** A client that asks all the time: on a route, by a download link, and with an open stream of events. (R19) */
describe(`[R18 R19 G14] ${ROUNDS} times a role is taken from somebody who asks every ${EVERY_MS} ms`, () => {
  let person: Leaver;
  let postId: string;
  let fileId: string;

  beforeAll(async () => {
    person = await leaver();
    const { ben, organisation, participant } = person.staged;
    const client = ben.at(organisation.id);
    const { participationId } = participant;
    const body = Buffer.from("A walk to the river.");
    const file = await client.gateway.uploadFile(
      { participationId },
      { body, mediaType: "text/plain", name: "walk.txt" },
    );
    fileId = file.id;
    postId = newId("pst");
    const story = { id: postId, participationId, kind: "story", narrative: "I walked." } as const;
    await client.progress.createPost({ ...story, fileIds: [fileId] });
  }, 180_000);

  test("it is refused within a second and never works again", { timeout: 1_800_000 }, async () => {
    const took: Record<Way, number[]> = { route: [], download: [], stream: [] };
    let again = 0;
    for (let round = 0; round < ROUNDS; round++) {
      const found = await leaveWhileAsking();
      for (const [way, ms] of Object.entries(found.tookMs)) took[way as Way].push(ms);
      again += found.again;
    }
    const p99 = Object.fromEntries(Object.entries(took).map(([way, times]) => [way, p99Of(times)]));
    process.stdout.write(`Revocation: p99 over ${ROUNDS} rounds, in ms: ${JSON.stringify(p99)}\n`);
    expect(again, "answers that were right again after a refusal").toBe(0);
    for (const [way, ms] of Object.entries(p99)) expect(ms, way).toBeLessThanOrEqual(LIMIT_MS);
  });

  async function leaveWhileAsking(): Promise<{ tookMs: Record<Way, number>; again: number }> {
    const { staged, visitor } = person;
    const { platform, organisation } = staged;
    const token = await person.join();
    const stream = await openStream(platform.origin, visitor, organisation.id);
    const asking = new AbortController();
    const route = askAlways({
      urls: platform.origins.map((at) => `${at}/v1/posts/${postId}`),
      token,
      until: asking.signal,
    });
    const download = askAlways({
      urls: platform.origins.map((at) => `${at}/v1/files/${fileId}`),
      token,
      until: asking.signal,
    });
    const posted = postAlways(asking.signal);
    try {
      await Promise.all([route.works(), download.works(), stream.event(({ recordId }) => recordId !== undefined)]);
      await person.leave();
      const takenMs = performance.now();
      await sleep(LIMIT_MS + AFTERWARDS_MS);
      asking.abort();
      const posts = await posted;
      // A post that was written after this many milliseconds was still told.
      const told = posts.filter(({ id }) => stream.seen().some(({ recordId }) => recordId === id));
      const streamMs = Math.max(0, ...told.map(({ atMs }) => atMs - takenMs));
      const tookMs = { route: route.lastMs() - takenMs, download: download.lastMs() - takenMs, stream: streamMs };
      return { tookMs, again: route.again() + download.again() };
    } finally {
      asking.abort();
      stream.close();
    }
  }

  /** The participant writes all the while, so that there is something to tell. */
  async function postAlways(until: AbortSignal): Promise<{ id: string; atMs: number }[]> {
    const { ben, organisation, participant } = person.staged;
    const { progress } = ben.at(organisation.id);
    const posts: { id: string; atMs: number }[] = [];
    while (!until.aborted) {
      const id = newId("pst");
      const { participationId } = participant;
      posts.push({ id, atMs: performance.now() });
      await progress.createPost({ id, participationId, kind: "story", narrative: "Another step." });
      await sleep(2 * EVERY_MS);
    }
    return posts;
  }
});

/** Asks one address after the other every 50 ms. */
function askAlways({ urls, token, until }: { urls: readonly string[]; token: string; until: AbortSignal }) {
  let lastMs = 0;
  let again = 0;
  let refusedMs = Number.POSITIVE_INFINITY;
  const { promise: works, resolve } = Promise.withResolvers<void>();
  const asked = new Set<string>();
  const ask = async (url: string) => {
    const startedMs = performance.now();
    const status = await statusOf(url, token);
    if ([401, 403, 404].includes(status)) refusedMs = Math.min(refusedMs, performance.now());
    if (status !== 200) return;
    // Of several processes one may be told a moment later than the other.
    if (startedMs > refusedMs + LIMIT_MS) again += 1;
    lastMs = Math.max(lastMs, startedMs);
    asked.add(url);
    if (asked.size === urls.length) resolve();
  };
  void (async () => {
    for (let turn = 0; !until.aborted; turn++) {
      void ask(urls[turn % urls.length] ?? "").catch(() => undefined);
      await sleep(EVERY_MS);
    }
  })();
  return { works: () => works, lastMs: () => lastMs, again: () => again };
}

function p99Of(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.min(sorted.length - 1, Math.floor(sorted.length * 0.99))] ?? 0);
}

function sleep(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
