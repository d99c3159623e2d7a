import { newId, restartService } from "@partake/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { type Stage, stage } from "./stage.ts";

const isWhole = process.env["PARTAKE_PROVE"] !== undefined;
const AT_ONCE = 8;
const EVERY_MS = 10;
const LIMIT_MS = 30_000;
/** From when the cluster takes a replica out of its endpoints until that reaches everybody. */
const ENDPOINTS_MS = 200;
/** How long a replica is ready before the next one is told to end; the manifests say more (`minReadySeconds`). */
const MIN_READY_MS = 2_000;
/** Whole as `npm run prove`; in each `npm test` one service of each kind: with a relay, with the grants, and the door. */
const TURNS = isWhole
  ? (["identity", "projects", "contacts", "progress", "messaging", "billing", "gateway"] as const)
  : (["identity", "progress", "gateway"] as const);

/** A new version comes: each replica is told to end, one after the other, while people work. (abuse.md, "Faults") */
describe(`a rolling update of ${TURNS.join(", ")} under load`, () => {
  let staged: Stage;
  let load: Load;

  beforeAll(async () => {
    staged = await stage();
    load = startLoad(staged);
  }, 120_000);

  test("no request fails, no write is lost or done twice, and each replica ends in time", {
    timeout: 600_000,
  }, async () => {
    const tookMs: number[] = [];
    try {
      for (const name of TURNS) for (const replica of [0, 1]) tookMs.push(await replace(name, replica));
    } finally {
      await load.stop();
    }
    const { sent, failed, written } = load;
    process.stdout.write(
      `Rolling update: ${sent()} requests, ${failed.length} failed; the slowest replica was back after ${Math.round(Math.max(...tookMs))} ms\n`,
    );
    expect(failed).toEqual([]);
    expect(sent()).toBeGreaterThan(TURNS.length * 50);
    expect(Math.max(...tookMs), "ended and started again").toBeLessThan(LIMIT_MS);
    const stored = (await Promise.all(load.postIds.map((postId) => comments(staged, postId)))).flat();
    expect(stored.toSorted(), "each write is there once").toEqual(written.toSorted());
  });

  async function replace(name: (typeof TURNS)[number], replica: number): Promise<number> {
    const { origins } = staged.platform;
    const origin = name === "gateway" ? origins[replica] : undefined;
    if (origin !== undefined) await load.takeOut(origin);
    const startedMs = performance.now();
    await restartService({ name, replica });
    if (origin !== undefined) load.putBack(origin);
    const tookMs = performance.now() - startedMs;
    await new Promise((resolve) => setTimeout(resolve, MIN_READY_MS));
    return tookMs;
  }
});

interface Load {
  /** What a cluster's load balancer does with a replica that ends. */
  takeOut(origin: string): Promise<void>;
  putBack(origin: string): void;
  stop(): Promise<void>;
  sent(): number;
  /** What each of the people reads and writes about. */
  postIds: readonly string[];
  failed: string[];
  /** The writes that were acknowledged. */
  written: string[];
}

/** People who read and write by plain requests, none of which is tried again. */
function startLoad({ organisation, participant, project, platform }: Stage): Load {
  const serving = new Set(platform.origins);
  const failed: string[] = [];
  const written: string[] = [];
  const stopping = new AbortController();
  const postIds = Array.from({ length: AT_ONCE }, () => newId("pst"));
  let turn = 0;

  async function send(path: string, body?: object): Promise<boolean> {
    turn += 1;
    const origin = [...serving][turn % serving.size];
    const init = body && { method: "POST", body: JSON.stringify(body) };
    try {
      const token = await organisation.admin.person.token(organisation.id);
      const headers = { authorization: `Bearer ${token}`, "content-type": "application/json" };
      const response = await fetch(`${origin}${path}`, {
        ...init,
        headers: { ...headers, ...(body && { "idempotency-key": newId("key") }) },
        signal: AbortSignal.timeout(LIMIT_MS),
      });
      const text = await response.text();
      if (!response.ok) failed.push(`${init?.method ?? "GET"} ${path}: ${response.status} ${text}`);
      return response.ok;
    } catch (error) {
      failed.push(`${init?.method ?? "GET"} ${path}: ${String((error as { cause?: unknown }).cause ?? error)}`);
      return false;
    }
  }

  async function work(postId: string): Promise<void> {
    const { participationId } = participant;
    await send("/v1/posts", { id: postId, participationId, kind: "story", narrative: "A walk." });
    const reads = [`/v1/posts/${postId}`, `/v1/contacts/${participant.contactId}`, `/v1/projects/${project.id}`];
    for (let round = 0; !stopping.signal.aborted; round++) {
      const id = newId("cmt");
      if (round % 4 !== 3) await send(reads[round % reads.length] ?? "");
      else if (await send(`/v1/posts/${postId}/comments`, { id, text: "Well done." })) written.push(id);
      await new Promise((resolve) => setTimeout(resolve, EVERY_MS));
    }
  }

  const workers = Promise.all(postIds.map(work));
  return {
    async takeOut(origin) {
      serving.delete(origin);
      await new Promise((resolve) => setTimeout(resolve, ENDPOINTS_MS));
    },
    putBack: (origin) => serving.add(origin),
    async stop() {
      stopping.abort();
      await workers;
    },
    sent: () => turn,
    postIds,
    failed,
    written,
  };
}

async function comments({ organisation }: Stage, postId: string): Promise<string[]> {
  const { progress } = organisation.admin.at(organisation.id);
  const ids: string[] = [];
  let cursor = "";
  for (let page = 0; page < 100; page++) {
    const { items, nextCursor } = await progress.listComments({ postId, limit: 200, cursor });
    ids.push(...items.map(({ id }) => id));
    if (!nextCursor) return ids;
    cursor = nextCursor;
  }
  return ids;
}
