import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ProgressWorld, startProgressWorld } from "./world.ts";

let world: ProgressWorld;

beforeAll(async () => {
  world = await startProgressWorld();
});
afterAll(() => world?.stop());

/** What an event brings, on a busy machine. */
const soon = { timeout: 30_000, interval: 100 };

async function tell(status: "published" | "deleted", version: number): Promise<void> {
  const { projectId, organisationId } = world;
  const place = { projectId, organisationId, status, visibility: "people" as const, version };
  await world.parts.bus.publish({
    type: "org.partake.project.scope-changed.v1",
    data: { ...place, createdBy: world.admin.userId },
  });
}

describe("[P6] a project that is deleted", () => {
  test("hides its boards and what was logged, and has all of it as it was when it is restored", async () => {
    const metric = await world.metric();
    const board = await world.board([{ subjectId: metric.id, cadence: "weekly" }]);
    const anna = await world.enrol({ boardId: board.id, level: "share" });
    const answer = await world.answer(anna.person, anna, { subjectId: metric.id, value: { number: 4 } });
    const asked: [name: string, request: object][] = [
      ["GetBoard", { boardId: board.id }],
      ["GetPost", { postId: answer.id }],
    ];
    const shown = async () => {
      const found = [];
      for (const [name, request] of asked) found.push(await world.call(world.manager, name, request));
      found.push(await world.call(anna.person, "GetPost", { postId: answer.id }));
      found.push(await world.call(anna.person, "GetMyBoard", { participationId: anna.participationId }));
      return found;
    };
    const before = await shown();
    await tell("deleted", 2);
    for (const by of [world.manager, world.admin, anna.person]) {
      for (const [name, request] of asked)
        await expect.poll(() => world.refusal(by, name, request), soon).toBe("not_found not_found");
    }
    const post = { id: answer.id.replace(/.$/, "0"), participationId: anna.participationId, kind: "answer" };
    const more = { subjectId: metric.id, value: { number: 5 } };
    expect(await world.refusal(anna.person, "CreatePost", { ...post, ...more })).toBe("not_found not_found");
    await tell("published", 3);
    await expect.poll(() => world.refusal(anna.person, "GetPost", { postId: answer.id }), soon).toBe("ok");
    expect(await shown()).toEqual(before);
  });
});
