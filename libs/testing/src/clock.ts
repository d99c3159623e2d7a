/** A clock that stands still until a test moves it: what libs/service and libs/store take as `clock`. */
export interface FakeClock {
  now(): Date;
  /** The same instant as epoch milliseconds, for code that takes a function. */
  nowMs(): number;
  /** Moves the clock on; time never goes back. */
  advance(ms: number): void;
}

/** A fake clock that begins at `start`; the default is fixed, so that what a test makes is the same in every run. */
export function fakeClock(start: Date | string = "2026-03-02T09:00:00.000Z"): FakeClock {
  let instantMs = new Date(start).getTime();
  if (Number.isNaN(instantMs)) throw new Error("a clock starts at an instant");
  return {
    now: () => new Date(instantMs),
    nowMs: () => instantMs,
    advance(ms) {
      if (!(ms >= 0)) throw new Error("a clock advances");
      instantMs += ms;
    },
  };
}
