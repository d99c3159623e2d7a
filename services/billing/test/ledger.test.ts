import { describe, expect, it } from "vitest";
import { type Balances, type Movement, moved, movements, NO_BALANCES } from "../src/domain/ledger.ts";

const balances = (available: number, held: number, used: number): Balances => ({ available, held, used });

describe("[B3] a movement of credits", () => {
  const allowed: [string, Balances, Movement, Balances][] = [
    ["a grant", NO_BALANCES, movements.grant(20), balances(20, 0, 0)],
    ["a hold", balances(1, 0, 0), movements.hold(), balances(0, 1, 0)],
    ["a release", balances(0, 1, 4), movements.release(), balances(1, 0, 4)],
    ["a use of what was held", balances(3, 1, 0), movements.useHeld(), balances(3, 0, 1)],
    ["a use of what is available", balances(3, 1, 0), movements.useAvailable(), balances(2, 1, 1)],
  ];
  it.each(allowed)("%s", (_name, before, movement, after) => {
    expect(moved(before, movement)).toEqual(after);
  });

  const refused: [string, Balances, Movement, string][] = [
    ["a hold of nothing", balances(0, 5, 5), movements.hold(), "no_credit"],
    ["a release of nothing", balances(5, 0, 5), movements.release(), "no_credit"],
    ["a use of nothing held", balances(5, 0, 0), movements.useHeld(), "no_credit"],
    ["a use of nothing available", balances(0, 5, 0), movements.useAvailable(), "no_credit"],
    ["more than can be told", balances(1_999_999_999, 0, 1), movements.grant(1), "balance_too_large"],
  ];
  it.each(refused)("%s is refused", (_name, before, movement, reason) => {
    expect(() => moved(before, movement)).toThrow(reason);
  });

  it.each([0, -1, 0.5, Number.NaN, 2 ** 53])("of %f credits is none", (amount) => {
    expect(() => moved(NO_BALANCES, movements.grant(amount))).toThrow("whole credits");
  });
});
