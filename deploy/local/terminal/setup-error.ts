/**
 * Something about this machine that its user can put right: a port is taken, a tool is missing, a download is broken.
 * The commands print `message` and `remedy` without a stack trace; every other error is a defect and keeps its trace.
 */
export class SetupError extends Error {
  readonly remedy: string;

  constructor(options: { message: string; remedy: string; cause?: unknown }) {
    super(options.message, { cause: options.cause });
    this.name = "SetupError";
    this.remedy = options.remedy;
  }
}

/** What a person reads on the terminal when a command ends because of `error`. */
export function describeError(error: unknown): string {
  if (error instanceof SetupError) return `${error.message}\n  → ${error.remedy}`;
  if (error instanceof Error) return error.stack ?? error.message;
  return String(error);
}

/** Runs a command's main function; a machine's shortcoming ends it with exit code 1 and a sentence. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    process.stderr.write(`\n${describeError(error)}\n`);
    process.exitCode = 1;
  }
}
