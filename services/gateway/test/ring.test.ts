import { describe, expect, test } from "vitest";
import type { Happening } from "../src/live/audience.ts";
import { createRing } from "../src/live/ring.ts";

const happening = (id: string): Happening => ({
  event: { id, kind: "post.created" },
  organisationId: "org",
  isFor: () => true,
});
const ids = (kept: ReturnType<ReturnType<typeof createRing>["after"]>) => kept?.map((one) => one.happening.event.id);

describe("what happened lately", () => {
  test("in the same process: exactly what came after", () => {
    let now = 1_000_000;
    const ring = createRing(() => now);
    const start = ring.now();
    const [one, two] = [ring.add(happening("a")), ring.add(happening("b"))];
    now += 60_000;
    ring.add(happening("c"));
    expect([ids(ring.after(start)), ids(ring.after(one)), ids(ring.after(two)), ids(ring.after(ring.now()))]).toEqual([
      ["a", "b", "c"],
      ["b", "c"],
      ["c"],
      [],
    ]);
  });

  test("in another process: everything from a little before the event that both know", () => {
    let now = 1_000_000;
    const [one, other] = [createRing(() => now), createRing(() => now + 300_000)];
    now += 60_000;
    for (const id of ["a", "b"]) one.add(happening(id));
    const cursor = one.add(happening("c"));
    other.add(happening("old"));
    now += 20_000;
    // The same events, in another order, by a clock that is five minutes ahead.
    for (const id of ["c", "a", "b", "d"]) other.add(happening(id));
    expect(ids(other.after(cursor))).toEqual(["a", "b", "d"]);
  });

  test("in another process: unknown, where it has not heard of that event, or was not there long enough", () => {
    let now = 1_000_000;
    const one = createRing(() => now);
    const quiet = one.now();
    const cursor = one.add(happening("a"));
    const other = createRing(() => now);
    expect([other.after(quiet), other.after(cursor)]).toEqual([undefined, undefined]);
    now += 1_000;
    other.add(happening("a"));
    expect(other.after(cursor)).toBeUndefined();
  });

  test("unknown again after five minutes, after too many, and after a loss", () => {
    let now = 1_000_000;
    const ring = createRing(() => now);
    const old = ring.now();
    ring.add(happening("a"));
    now += 299_000;
    expect(ids(ring.after(old))).toEqual(["a"]);
    ring.add(happening("b"));
    now += 300_000;
    expect(ring.after(old)).toBeUndefined();
    const before = ring.add(happening("c"));
    for (let count = 0; count < 25_000; count += 1) ring.add(happening(`x${count}`));
    expect(ring.after(before)).toBeUndefined();
    const last = ring.now();
    expect(ids(ring.after(last))).toEqual([]);
    ring.clear();
    expect(ring.after(last)).toBeUndefined();
    expect(ids(ring.after(ring.now()))).toEqual([]);
  });

  test.each(["", "a", "00000000", "zzzzzzzz-1", "00000000-1-", "00000000-zzzzzzzzzzzzzz"])(
    "never from %j",
    (cursor) => {
      expect(createRing(() => 0).after(cursor)).toBeUndefined();
    },
  );
});
