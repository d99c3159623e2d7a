/** Says what the tour does, shows each request's essentials with its time, and stops at the first surprise. */
export interface Narrator {
  step(title: string): void;
  say(text: string): void;
  /** Fails the tour unless it holds. */
  expect(holds: boolean, what: string): void;
  /** A fetch that shows each request. */
  fetch: typeof fetch;
}

/** Something happened that should not have; the tour ends with it. */
export class Surprise extends Error {
  override readonly name = "Surprise";
}

export function narrator(write: (line: string) => void): Narrator {
  let steps = 0;
  return {
    step(title) {
      steps += 1;
      write(`\n${steps}. ${title}`);
    },
    say: (text) => write(`   ${text}`),
    expect(holds, what) {
      if (!holds) throw new Surprise(`Expected: ${what}`);
      write(`   ✓ ${what}`);
    },
    async fetch(input, init) {
      const startedMs = performance.now();
      const response = await fetch(input, init);
      const tookMs = Math.round(performance.now() - startedMs);
      const { pathname } = new URL(input instanceof Request ? input.url : input);
      write(
        `     ${(init?.method ?? "GET").padEnd(6)} ${shorten(pathname).padEnd(58)} ${response.status}  ${tookMs} ms`,
      );
      return response;
    },
  };
}

/** Ids are long and say nothing to a reader: their beginnings are enough to follow them. */
function shorten(path: string): string {
  return path.replace(/([a-z]{3}_[0-9a-f]{8})-[0-9a-f-]{27}/g, "$1…");
}
