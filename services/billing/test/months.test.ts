import { describe, expect, it } from "vitest";
import { beginningOf, dayIn, monthOf, monthStart, paidUntil } from "../src/domain/months.ts";
import { remaining } from "../src/domain/paid-days.ts";

describe("[B1] the months of a participation", () => {
  const starts: [string, number, string][] = [
    ["2026-03-02", 1, "2026-03-02"],
    ["2026-03-02", 2, "2026-04-02"],
    ["2026-03-02", 13, "2027-03-02"],
    ["2026-01-31", 2, "2026-02-28"],
    ["2026-01-31", 3, "2026-03-31"],
    ["2026-01-31", 4, "2026-04-30"],
    ["2028-01-31", 2, "2028-02-29"],
    ["2028-02-29", 2, "2028-03-29"],
    ["2028-02-29", 13, "2029-02-28"],
    ["2028-02-29", 49, "2032-02-29"],
    ["2026-12-15", 2, "2027-01-15"],
  ];
  it.each(starts)("of one that began on %s, month %i begins on %s", (startedOn, month, expected) => {
    expect(monthStart(startedOn, month)).toBe(expected);
  });

  it.each([
    ["2026-03-02", 1, "2026-04-01"],
    ["2026-01-31", 1, "2026-02-27"],
    ["2026-01-31", 2, "2026-03-30"],
    ["2028-01-30", 1, "2028-02-28"],
    ["2028-02-29", 12, "2029-02-27"],
  ])("of one that began on %s, %i months pay until %s", (startedOn, month, expected) => {
    expect(paidUntil(startedOn, month)).toBe(expected);
  });

  it("follow each other without a gap and without an overlap, from every day of four years", () => {
    for (let day = 0; day < 1461; day++) {
      const startedOn = new Date(Date.UTC(2026, 0, 1 + day)).toISOString().slice(0, 10);
      for (let month = 1; month <= 14; month++) {
        expect(monthOf(startedOn, monthStart(startedOn, month))).toBe(month);
        expect(monthOf(startedOn, paidUntil(startedOn, month))).toBe(month);
      }
    }
  });

  const days: [string, string, string][] = [
    ["Europe/London", "2026-03-02T23:59:59Z", "2026-03-02"],
    ["Europe/London", "2026-06-30T23:30:00Z", "2026-07-01"],
    ["Pacific/Auckland", "2026-03-02T11:30:00Z", "2026-03-03"],
    ["America/Los_Angeles", "2026-03-02T07:59:00Z", "2026-03-01"],
    ["Asia/Kathmandu", "2026-03-02T18:15:00Z", "2026-03-03"],
  ];
  it.each(days)("begin on the day that it is in %s at %s: %s", (timeZone, instant, day) => {
    expect(dayIn(timeZone, new Date(instant))).toBe(day);
  });

  const beginnings: [string, string, string][] = [
    ["2026-03-29", "Europe/London", "2026-03-29T00:00:00.000Z"],
    ["2026-03-30", "Europe/London", "2026-03-29T23:00:00.000Z"],
    ["2026-10-26", "Europe/London", "2026-10-26T00:00:00.000Z"],
    ["2026-11-01", "America/New_York", "2026-11-01T04:00:00.000Z"],
    ["2026-11-02", "America/New_York", "2026-11-02T05:00:00.000Z"],
    // Where clocks go forward at midnight the day begins at one.
    ["2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00:00.000Z"],
    ["2026-04-24", "Africa/Cairo", "2026-04-23T22:00:00.000Z"],
  ];
  it.each(beginnings)("%s begins in %s at %s", (day, timeZone, instant) => {
    expect(beginningOf(day, timeZone).toISOString()).toBe(instant);
    expect(dayIn(timeZone, beginningOf(day, timeZone))).toBe(day);
    expect(dayIn(timeZone, new Date(beginningOf(day, timeZone).getTime() - 1))).not.toBe(day);
  });
});

describe("[B1] days that are paid already", () => {
  const now = new Date("2026-03-20T00:00:00Z");
  const paid = (dueAt: string) => ({
    startedOn: "2026-03-02",
    timeZone: "Europe/London",
    paidMonths: 1,
    dueAt: new Date(dueAt),
  });
  it("are the latest that have not passed", () => {
    const [old, short, long] = [
      paid("2026-03-19T23:59:59Z"),
      paid("2026-03-21T00:00:00Z"),
      paid("2026-04-02T00:00:00Z"),
    ];
    expect(remaining([], now)).toBeUndefined();
    expect(remaining([old], now)).toBeUndefined();
    expect(remaining([paid("2026-03-20T00:00:00Z")], now)).toBeUndefined();
    expect(remaining([{ paidMonths: 0 }], now)).toBeUndefined();
    expect(remaining([short, old, long], now)).toEqual(long);
  });
});
