import { parseArgs } from "node:util";
import { type DeadLetter, type DeadLetters, openDeadLetters } from "@partake/bus";

const usage = `npm run dead-letters                                   lists what every group set aside
npm run dead-letters -- list [group] [--json]          lists one group's
npm run dead-letters -- replay <group> [--id <id>] …   gives all, or those named, to the group again
npm run dead-letters -- drop <group> --id <id> …       forgets those named, for good

Kafka is where KAFKA_BROKERS says, else the local platform's; KAFKA_PREFIX as for the services.`;

/** What whoever runs the command can put right: told without a stack. */
class Mistake extends Error {
  override readonly name = "Mistake";
  readonly remedy: string;

  constructor({ message, remedy, cause }: { message: string; remedy: string; cause?: unknown }) {
    super(message, { cause });
    this.remedy = remedy;
  }
}

/**
 * `npm run dead-letters`: shows, replays or drops events that could not be handled. It never shows their data. It lies here because it
 * is in the image: in a service's pod it finds Kafka by the service's own variables.
 */
async function main(): Promise<void> {
  const { values, positionals } = readArguments();
  const [action = "list", group] = positionals;
  const brokers = (process.env["KAFKA_BROKERS"] || `localhost:${process.env["PARTAKE_KAFKA_PORT"] || 9192}`).split(",");
  const quiet = () => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const deadLetters = openDeadLetters({ brokers, prefix: process.env["KAFKA_PREFIX"] ?? "", log });
  try {
    const letters = await act(deadLetters, { action, group, ids: values.id });
    process.stdout.write(values.json ? `${JSON.stringify(letters)}\n` : describe(letters, action));
  } catch (error) {
    if (error instanceof Mistake) throw error;
    throw new Mistake({
      message: `Kafka at ${brokers.join(",")} could not do that: ${error instanceof Error ? error.message : "unknown"}.`,
      remedy: "Start the platform (npm start), or say where Kafka is with KAFKA_BROKERS and KAFKA_PREFIX.",
      cause: error,
    });
  } finally {
    await deadLetters.close();
  }
}

function readArguments() {
  try {
    const options = { id: { type: "string", multiple: true }, json: { type: "boolean" } } as const;
    return parseArgs({ args: process.argv.slice(2), options, allowPositionals: true });
  } catch (error) {
    throw wrongUse(error instanceof Error ? error.message : "unknown option");
  }
}

interface Wish {
  action: string;
  group: string | undefined;
  ids: readonly string[] | undefined;
}

async function act(deadLetters: DeadLetters, { action, group, ids }: Wish): Promise<DeadLetter[]> {
  const groups = await deadLetters.groups();
  if (group !== undefined && !groups.includes(group)) {
    const message = `There is no group ${group}.`;
    throw new Mistake({ message, remedy: `The groups are: ${groups.join(", ") || "none yet"}.` });
  }
  if (action === "list") return listAll(deadLetters, group === undefined ? groups : [group]);
  if (group === undefined) throw wrongUse(`${action} needs a group.`);
  if (action === "replay") return deadLetters.replay(group, ids);
  if (action === "drop" && ids) return deadLetters.drop(group, ids);
  throw wrongUse(action === "drop" ? "drop needs ids." : `There is no action ${action}.`);
}

async function listAll(deadLetters: DeadLetters, groups: readonly string[]): Promise<DeadLetter[]> {
  const letters: DeadLetter[] = [];
  for (const group of groups) letters.push(...(await deadLetters.list(group)));
  return letters;
}

function describe(letters: readonly DeadLetter[], action: string): string {
  if (letters.length === 0) return "There are none.\n";
  const rows = letters.map(({ group, id, type, cause, attempts, setAsideAt }) => [
    group,
    id,
    type,
    `${attempts}×`,
    setAsideAt,
    cause,
  ]);
  const done = action === "list" ? "" : `${letters.length} ${action === "replay" ? "replayed" : "dropped"}.\n`;
  return `${table([["group", "id", "type", "tried", "set aside", "cause"], ...rows])}\n${done}`;
}

function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function wrongUse(message: string): Mistake {
  return new Mistake({ message, remedy: usage.replaceAll("\n", "\n    ") });
}

try {
  await main();
} catch (error) {
  if (!(error instanceof Mistake)) throw error;
  process.stderr.write(`\n${error.message}\n  → ${error.remedy}\n`);
  process.exitCode = 1;
}
