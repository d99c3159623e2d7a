import { failure } from "@partake/failure";

/** Where credits can be. `bought` is the outside: its balance is minus what came in. */
export type Account = "bought" | "available" | "held" | "used";
export type EntryKind = "grant" | "hold" | "release" | "use";

export interface Balances {
  available: number;
  held: number;
  used: number;
}

/** A movement of credits out of one account into another. */
export interface Movement {
  kind: EntryKind;
  credit: Account;
  debit: Account;
  amount: number;
}

export const NO_BALANCES: Balances = { available: 0, held: 0, used: 0 };

export const movements = {
  grant: (amount: number): Movement => ({ kind: "grant", credit: "bought", debit: "available", amount }),
  hold: (): Movement => ({ kind: "hold", credit: "available", debit: "held", amount: 1 }),
  release: (): Movement => ({ kind: "release", credit: "held", debit: "available", amount: 1 }),
  useHeld: (): Movement => ({ kind: "use", credit: "held", debit: "used", amount: 1 }),
  useAvailable: (): Movement => ({ kind: "use", credit: "available", debit: "used", amount: 1 }),
};

/** The contract tells balances as 32-bit integers, and nobody orders this many. */
const BALANCE_MAXIMUM = 2_000_000_000;

/** The balances after a movement; throws `no_credit` where the account that it leaves has not enough. */
export function moved(balances: Balances, { credit, debit, amount }: Movement): Balances {
  if (!Number.isSafeInteger(amount) || amount < 1) throw new Error("A movement is of whole credits, at least one.");
  const after = { ...balances };
  if (credit !== "bought") after[credit] -= amount;
  if (debit !== "bought") after[debit] += amount;
  if (after.available < 0 || after.held < 0 || after.used < 0) throw failure("unprocessable", "no_credit");
  if (after.available + after.held + after.used > BALANCE_MAXIMUM) throw failure("unprocessable", "balance_too_large");
  return after;
}
