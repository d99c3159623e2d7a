import { operations } from "@partake/contract";
import { testPlatform } from "@partake/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { allCells, type Cell, rpcName, shareOf } from "./cells.ts";
import { askDirectly, inner } from "./direct.ts";
import { judge } from "./judging.ts";
import { people } from "./people.ts";
import { makeWorld, type World } from "./world.ts";

const isWhole = process.env["PARTAKE_PROVE"] !== undefined;
const SEED = process.env["PARTAKE_MATRIX_SEED"] ?? "roles";
const AT_ONCE = 12;
const SHOWN = 60;

/** roles.md, cell by cell, through the gateway with real tokens. */
describe("[R1 R2 R3 R4 R5 R6 R7 R8 R10 R12 R14 R15 R16 R17 R22] the matrix of roles", () => {
  let world: World;
  beforeAll(async () => {
    world = await makeWorld(await testPlatform());
  }, 600_000);

  test("every cell answers as roles.md says", { timeout: 3_600_000 }, async () => {
    const cells = allCells(world);
    const chosen = isWhole ? cells : shareOf(cells, SEED);
    const wrong = await judgeAll(chosen, judge(world, { isWhole }));
    process.stdout.write(`${report(cells, chosen, wrong)}\n`);
    expect(cells.length).toBeGreaterThan(5_000);
    expect(new Set(chosen.map(({ operation }) => operation.path)).size).toBe(
      operations.filter(({ route, access }) => route !== undefined && access.kind !== "services").length,
    );
    expect(new Set(chosen.map(({ person }) => person.name)).size).toBe(people.length);
    expect(wrong.slice(0, SHOWN)).toEqual([]);
  });

  test("what is for services only is refused to everybody beside the gateway, too", { timeout: 300_000 }, async () => {
    const { cells, wrong } = await askDirectly(world);
    process.stdout.write(`Matrix: ${cells} cells of ${inner.length} RPCs for services only; ${wrong.length} wrong\n`);
    expect(cells).toBe(inner.length * people.length);
    expect(wrong).toEqual([]);
  });
});

async function judgeAll(
  cells: readonly Cell[],
  judged: (cell: Cell) => Promise<string | undefined>,
): Promise<string[]> {
  const wrong: string[] = [];
  const waiting = [...cells];
  const worker = async () => {
    for (let cell = waiting.pop(); cell; cell = waiting.pop()) {
      const { name } = cell;
      const found = await judged(cell).catch((error: Error) => `${name}: ${error.message}`);
      if (found !== undefined) wrong.push(found);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, worker));
  return wrong.sort();
}

function report(cells: readonly Cell[], chosen: readonly Cell[], wrong: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const { expected } of chosen) counts.set(expected, (counts.get(expected) ?? 0) + 1);
  const rpcs = new Set(chosen.map(({ operation }) => rpcName(operation))).size;
  const verdicts = [...counts].map(([verdict, count]) => `${count} ${verdict}`).join(", ");
  return `Matrix: ${chosen.length} of ${cells.length} cells, ${rpcs} RPCs × ${people.length} people × 4 settings (${verdicts}); ${wrong.length} wrong`;
}
