import { operation } from "@partake/contract";
import { failure } from "@partake/failure";
import type { RefusedCall, View } from "@partake/rpc";
import type { AuditEntry, Log, Store } from "@partake/store";
import { fakeClock, newId } from "@partake/testing";
import { expect, test } from "vitest";
import { type AuditLines, createAuditLines } from "../src/audit-lines.ts";

const organisationId = newId("org");
const quiet: Log = { debug() {}, info() {}, warn() {}, error() {} };

interface Kept extends AuditEntry {
  actorId: string;
}

/** Lines over a store that only remembers, which may be away. */
function world(options: { away?: boolean } = {}) {
  const kept: Kept[] = [];
  const state = { away: options.away ?? false };
  const clock = fakeClock(new Date("2026-03-02T09:00:00Z"));
  const write = async (
    cause: { actorId: string },
    work: (tx: { audit(entry: AuditEntry): void }) => Promise<string>,
  ) => {
    if (state.away) throw failure("unavailable", "database_unavailable");
    await work({ audit: (entry) => kept.push({ ...entry, actorId: cause.actorId }) });
    return { id: "", repeated: false };
  };
  const store = { write } as unknown as Pick<Store, "write">;
  const lines = createAuditLines({ store, service: "test", log: quiet, nowMs: clock.nowMs, flushMs: 5 });
  return { kept, state, clock, lines };
}

function refusal(
  userId: string,
  projectId = newId("prj"),
  code: "forbidden" | "not_found" | "unavailable" = "forbidden",
): RefusedCall {
  return {
    operation: operation("/partake.v1.Projects/UpdateProject"),
    request: { projectId, title: "Private words" },
    caller: { kind: "user", userId, organisationId } as RefusedCall["caller"],
    failed: failure(code, "no_role"),
  };
}

const view = (actorId: string, subjectId: string): View => ({
  action: "contact.viewed",
  organisationId,
  actorId,
  subjectId,
  bulk: false,
  traceparent: undefined,
});
const sum = (kept: readonly Kept[]) => kept.reduce((all, { times = 1 }) => all + times, 0);
const settled = (lines: AuditLines) => lines.stop();

test("[R20] a refusal is told by its operation, its reason and the id that it was about, nothing of the request else", async () => {
  const { kept, lines } = world();
  const [userId, projectId] = [newId("usr"), newId("prj")];
  lines.refused(refusal(userId, projectId));
  await expect
    .poll(() => kept)
    .toEqual([
      {
        action: "access.refused",
        outcome: "refused",
        organisationId,
        actorId: userId,
        subjectId: projectId,
        operation: "Projects.UpdateProject",
        cause: "no_role",
      },
    ]);
  await settled(lines);
});

test("[R20] the same again within a minute is a number", async () => {
  const { kept, lines, clock } = world();
  const asked = refusal(newId("usr"));
  lines.refused(asked);
  await expect.poll(() => kept.length).toBe(1);
  for (let time = 0; time < 500; time += 1) lines.refused(asked);
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(kept.length).toBe(1);
  clock.advance(61_000);
  await expect.poll(() => kept.length).toBe(2);
  expect(kept[1]?.times).toBe(500);
  await settled(lines);
});

test("[R20] a flood of different refusals by one person, or by many, stores a bounded number of lines and loses no count", async () => {
  const { kept, lines } = world();
  const flooder = newId("usr");
  for (let time = 0; time < 3_000; time += 1) lines.refused(refusal(flooder));
  await settled(lines);
  expect(kept.length).toBe(21);
  expect(sum(kept)).toBe(3_000);
  expect(kept.at(-1)).toMatchObject({ cause: "many", actorId: flooder });
  const others = world();
  for (let person = 0; person < 3_000; person += 1) others.lines.refused(refusal(newId("usr")));
  await settled(others.lines);
  expect(others.kept.length).toBeLessThanOrEqual(1_000);
});

test.each<[string, (asked: RefusedCall) => RefusedCall]>([
  ["a failure that is no refusal", (asked) => ({ ...asked, failed: failure("unavailable", "away") })],
  ["a caller without a token", (asked) => ({ ...asked, caller: { kind: "anonymous" } })],
  ["a service", (asked) => ({ ...asked, caller: { kind: "service", service: "contacts" } })],
])("%s leaves no line", async (_name, change) => {
  const { kept, lines } = world();
  lines.refused(change(refusal(newId("usr"))));
  await settled(lines);
  expect(kept).toEqual([]);
});

test("[R20] every view is stored, also when there are more than lines are held", async () => {
  const { kept, lines } = world();
  const viewer = newId("usr");
  for (let time = 0; time < 1_500; time += 1) lines.after(view(viewer, newId("con")));
  await settled(lines);
  expect(kept.length).toBe(1_500);
});

test("[R20] with the database away a bulk view is not begun, and what happened is stored when it is back", async () => {
  const { kept, state, lines } = world({ away: true });
  await expect(lines.before({ ...view(newId("usr"), ""), action: "contact.listed", bulk: true })).rejects.toMatchObject(
    { code: "unavailable" },
  );
  lines.after(view(newId("usr"), newId("con")));
  await new Promise((resolve) => setTimeout(resolve, 30));
  expect(kept).toEqual([]);
  state.away = false;
  await expect.poll(() => kept.length).toBe(1);
  await settled(lines);
});
