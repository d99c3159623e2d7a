import pino, { type DestinationStream } from "pino";

/** Where lines go; some of them a moment later, together. */
export interface LogLines extends DestinationStream {
  /** Writes what waits, now. */
  flushSync(): void;
}

/** A line waits for others this long at most. */
const togetherMs = 50;
const togetherBytes = 8 * 1024;
const warn = 40;

/**
 * Writes the lines of requests together: one by one each costs a system call, which was a sixth of all that a read cost. A warning or worse is written at once, with all before it, and an end of the process writes the rest.
 * Nothing runs while there are no lines.
 */
export function openLogLines(destination: string | number): LogLines {
  const out = pino.destination({ dest: destination, sync: true, minLength: togetherBytes });
  let timer: NodeJS.Timeout | undefined;
  const flush = () => {
    clearTimeout(timer);
    timer = undefined;
    out.flush();
  };
  // Waits for the disk, too; that is for an end only.
  const flushSync = () => out.flushSync();
  process.once("exit", flushSync);
  const lines = {
    /** pino tells the level here, of a stream that asks for it. */
    lastLevel: 0,
    [pino.symbols.needsMetadataGsym]: true,
    flushSync,
    write(line: string) {
      out.write(line);
      if (lines.lastLevel >= warn) flush();
      else timer ??= setTimeout(flush, togetherMs).unref();
    },
  };
  return lines;
}

let standard: LogLines | undefined;

/** The one standard output of the process, whoever of it logs. */
export function standardLines(): LogLines {
  standard ??= openLogLines(1);
  return standard;
}
