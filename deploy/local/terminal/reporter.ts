/** Where the local commands say what they do. Tests pass a silent one. */
export interface Reporter {
  /** A line that stays. */
  line(text: string): void;
  /** The state of something long, replaced by the next one. */
  progress(text: string): void;
}

/** A log file or a pipe cannot redraw a line, so it gets one of many. */
const plainProgressEveryMs = 5_000;

/** Writes to a stream, redrawing progress in place on a terminal. */
export function terminalReporter(stream: NodeJS.WriteStream = process.stdout): Reporter {
  let drawn = 0;
  let lastPlainMs = Date.now();
  const clear = () => {
    if (drawn > 0) stream.write(`\r${" ".repeat(drawn)}\r`);
    drawn = 0;
  };
  return {
    line(text) {
      clear();
      stream.write(`${text}\n`);
    },
    progress(text) {
      if (stream.isTTY) {
        clear();
        const shown = text.slice(0, Math.max(20, (stream.columns ?? 80) - 1));
        stream.write(shown);
        drawn = shown.length;
        return;
      }
      if (Date.now() - lastPlainMs < plainProgressEveryMs) return;
      lastPlainMs = Date.now();
      stream.write(`${text}\n`);
    },
  };
}

/** For tests and for callers that report by themselves. */
export const silentReporter: Reporter = { line: () => {}, progress: () => {} };
