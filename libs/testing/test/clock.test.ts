import { expect, test } from "vitest";
import { fakeClock } from "../src/clock.ts";

test("a fake clock stands still until it is moved", () => {
  const clock = fakeClock("2026-03-29T00:30:00.000Z");
  const before = clock.now();
  expect(clock.now()).toEqual(before);
  clock.advance(90_000);
  expect(clock.now().toISOString()).toBe("2026-03-29T00:31:30.000Z");
  expect(clock.nowMs()).toBe(before.getTime() + 90_000);
  expect(before.toISOString()).toBe("2026-03-29T00:30:00.000Z");
});

test("it starts at the same instant in every run", () => {
  expect(fakeClock().now()).toEqual(fakeClock().now());
});

test.each([-1, Number.NaN])("it does not go %d ms", (ms) => {
  expect(() => fakeClock().advance(ms)).toThrow("a clock advances");
});

test("it needs an instant", () => {
  expect(() => fakeClock("soon")).toThrow("a clock starts at an instant");
});
