// `npm run bench`: runs every bench of the tree against one infrastructure, one after the other, and prints what each measured
// as a ratio to a baseline of the same run. `-- --json FILE` also writes the figures; `-- --only WORD` runs those whose path has it.
import { spawn } from "node:child_process";
import { globSync, writeFileSync } from "node:fs";
import { createInterface } from "node:readline";
import { startInfrastructure } from "../local/infrastructure/infrastructure.ts";
import { terminalReporter } from "../local/terminal/reporter.ts";

/** One measured figure. More is better, unless the unit is a time. */
interface Figure {
  name: string;
  value: number;
  unit: string;
  baseline: number;
  ratio: number;
}

const BENCH_TIMEOUT_MS = 10 * 60_000;

const only = parameter("--only") ?? "";
const files = globSync(["{libs,services}/*/bench/*.ts", "deploy/bench/*.ts"])
  .filter((file) => file.includes(only) && file !== "deploy/bench/run.ts")
  .sort();
const infrastructure = await startInfrastructure({ data: { kind: "ephemeral" }, reporter: terminalReporter() });
const figures: Figure[] = [];
try {
  for (const file of files) figures.push(...(await measure(file)));
} finally {
  await infrastructure.stop();
}
const target = parameter("--json");
if (target) writeFileSync(target, `${JSON.stringify(figures, undefined, 2)}\n`);

/** A bench is a program that prints a JSON line for each figure; what else it says goes to standard error. */
async function measure(file: string): Promise<Figure[]> {
  console.log(`\n${file}`);
  const { mongodbUri, kafkaBrokers } = infrastructure;
  const child = spawn(process.execPath, [file], {
    stdio: ["ignore", "pipe", "inherit"],
    env: { ...process.env, MONGODB_URI: mongodbUri, KAFKA_BROKERS: kafkaBrokers },
    timeout: BENCH_TIMEOUT_MS,
  });
  const ended = new Promise<number | null>((resolve) => child.on("exit", resolve));
  const measured: Figure[] = [];
  for await (const line of createInterface({ input: child.stdout })) {
    if (!line.startsWith("{")) continue;
    const figure = figureOf(line);
    measured.push(figure);
    console.log(row(figure));
  }
  const status = await ended;
  if (status !== 0) {
    console.error(`${file} ended with ${status ?? "a signal"}.`);
    process.exitCode = 1;
  }
  return measured;
}

/** Who reads the figures counts on numbers; a bench that prints something else is mended, not read around. */
function figureOf(line: string): Figure {
  const figure = JSON.parse(line) as Figure;
  const { value, baseline, ratio } = figure;
  if (![value, baseline, ratio].every(Number.isFinite)) throw new Error(`no figure of a bench: ${line}`);
  return figure;
}

function row({ name, value, unit, baseline, ratio }: Figure): string {
  const number = (of: number) => of.toLocaleString("en", { maximumSignificantDigits: 4 }).padStart(12);
  return `  ${name.padEnd(74)}${number(value)} ${unit.padEnd(10)} baseline${number(baseline)}   ratio ${ratio.toFixed(2)}`;
}

function parameter(name: string): string | undefined {
  const at = process.argv.indexOf(name);
  return at < 0 ? undefined : process.argv[at + 1];
}
