import { mkdir } from "node:fs/promises";
import { join, relative } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { demoLogIns, makeDemo } from "../demo/demo.ts";
import { type Infrastructure, startInfrastructure } from "./infrastructure/infrastructure.ts";
import { type Mailbox, startMailbox } from "./mailbox/mailbox.ts";
import { operators } from "./platform/plan.ts";
import { type Platform, type PlatformLine, startPlatform } from "./platform/platform.ts";
import { endAllGroups } from "./processes/children.ts";
import { requireFreePorts } from "./processes/ports.ts";
import { openRun } from "./processes/run-record.ts";
import { untilStopped } from "./processes/stop-signal.ts";
import { type LocalSettings, portVariables, readSettings } from "./settings.ts";
import { type Reporter, terminalReporter } from "./terminal/reporter.ts";
import { runCommand } from "./terminal/setup-error.ts";

/** pino's number of an error. */
const errorLevel = 50;
const hasDemo = process.env["PARTAKE_DEMO"] !== "off";

/** What the services may take to end when a start is broken off. */
const breakOffMs = 35_000;

/** `npm start`: brings everything up, says where to go, and takes everything down again on Ctrl-C. */
async function start(): Promise<void> {
  const settings = readSettings();
  const reporter = terminalReporter();
  const startedMs = performance.now();
  const stopping = untilStopped();
  await mkdir(settings.dataFolder, { recursive: true });
  const run = await openRun({ folder: settings.dataFolder, name: "start", command: "npm start" });
  const started: Started[] = [];
  const abort = new AbortController();
  try {
    const bringUp = bringUpAll({ settings, reporter, started, signal: abort.signal });
    const ready = await Promise.race([bringUp, stopping.then(() => undefined)]);
    if (ready === undefined) return await breakOff({ abort, bringUp, started, reporter });
    reporter.line(`\nAll is ready after ${((performance.now() - startedMs) / 1000).toFixed(1)} s.\n`);
    for (const line of whereToGo(ready)) reporter.line(line);
    await stopping;
    reporter.line("\nStopping …");
  } finally {
    await takeDown(started, reporter);
    run.close();
  }
}

/** Ctrl-C while things still start. Services end in order; a download, or a server that is not ready, is just ended. */
async function breakOff(parts: {
  abort: AbortController;
  bringUp: Promise<unknown>;
  started: readonly Started[];
  reporter: Reporter;
}): Promise<void> {
  parts.reporter.line("\nStopping before all is ready …");
  parts.abort.abort();
  const settled = parts.bringUp.then(
    () => {},
    () => {},
  );
  const serversRun = parts.started.some((part) => part.name === serversName);
  await Promise.race([settled, sleep(serversRun ? breakOffMs : 0)]);
  if (!serversRun) await endAllGroups({ graceMs: breakOffMs });
  process.exitCode = 130;
}

const serversName = "Kafka and MongoDB";

interface Started {
  name: string;
  stop(): Promise<void>;
}

interface Ready {
  infrastructure: Infrastructure;
  mailbox: Mailbox;
  platform: Platform;
  settings: LocalSettings;
}

async function bringUpAll(parts: {
  settings: LocalSettings;
  reporter: Reporter;
  started: Started[];
  signal: AbortSignal;
}): Promise<Ready> {
  const { settings, reporter, started } = parts;
  await requireFreePorts([{ ...portVariables.gatewayPort, port: settings.gatewayPort }]);
  const mailbox = await startMailbox({ httpPort: settings.mailboxPort, smtpPort: settings.smtpPort });
  started.push({ name: "mailbox", stop: mailbox.stop });
  reporter.line(`${"mailbox".padEnd(11)} ready            ${mailbox.url}`);
  const beganMs = performance.now();
  const infrastructure = await startInfrastructure({
    data: {
      kind: "persistent",
      folder: settings.dataFolder,
      ports: { mongodb: settings.mongodbPort, kafka: settings.kafkaPort },
    },
    reporter,
  });
  started.push({ name: serversName, stop: infrastructure.stop });
  const tookSeconds = ((performance.now() - beganMs) / 1000).toFixed(1);
  reporter.line(
    `${"servers".padEnd(11)} ready   ${`${tookSeconds} s`.padStart(6)}   ${describeServers(infrastructure)}`,
  );
  const platform = await startPlatform({
    infrastructure,
    folder: join(settings.dataFolder, "platform"),
    smtpUrl: mailbox.smtpUrl,
    reporter,
    signal: parts.signal,
    ports: { kind: "fixed", gatewayPort: settings.gatewayPort, servicesPort: settings.servicesPort },
    origin: process.env["PARTAKE_ORIGIN"] || `http://localhost:${settings.gatewayPort}`,
    databasePrefix: process.env["MONGODB_DATABASE_PREFIX"] || "partake",
    kafkaPrefix: process.env["KAFKA_PREFIX"] ?? "",
    onLine: (line) => showError(line, reporter),
  });
  started.push({ name: "services", stop: platform.stop });
  if (hasDemo) await bringDemo({ settings, mailbox, platform, reporter });
  return { infrastructure, mailbox, platform, settings };
}

/** Made once through the public interface, then there for as long as the data is. */
async function bringDemo(parts: Omit<Ready, "infrastructure"> & { reporter: Reporter }): Promise<void> {
  const beganMs = performance.now();
  const first = (list: string) => list.split(",")[0]?.trim() ?? "";
  const outcome = await makeDemo({
    origin: parts.platform.origin,
    mailboxUrl: parts.mailbox.url,
    operatorEmail: first(operators().platform),
    billingEmail: first(operators().billing),
    folder: parts.settings.dataFolder,
    progress: (text) => parts.reporter.progress(text),
  });
  const took = `${((performance.now() - beganMs) / 1000).toFixed(1)} s`.padStart(6);
  parts.reporter.line(`${"demo".padEnd(11)} ready   ${took}   ${outcome}`);
}

/** In the reverse of the order of starting: the services still need the servers to finish what they have. */
async function takeDown(started: readonly Started[], reporter: Reporter): Promise<void> {
  for (const part of [...started].reverse()) {
    await part.stop();
    reporter.line(`${part.name} stopped`);
  }
}

function describeServers(infrastructure: Infrastructure): string {
  const ways = {
    environment: "given by MONGODB_URI and KAFKA_BROKERS",
    containers: "Kafka and MongoDB in containers",
    binaries: "Kafka and MongoDB as programs of this machine",
  };
  return ways[infrastructure.kind];
}

/** The terminal shows what went wrong; everything else is in the log files. */
function showError(line: PlatformLine, reporter: Reporter): void {
  const message = errorOf(line.text);
  if (message !== undefined) reporter.line(`${line.service.padEnd(11)} error   ${message}`);
}

function errorOf(text: string): string | undefined {
  if (!text.startsWith("{")) return undefined;
  try {
    const entry = JSON.parse(text) as { level?: unknown; msg?: unknown };
    return typeof entry.level === "number" && entry.level >= errorLevel ? String(entry.msg ?? "") : undefined;
  } catch {
    return undefined;
  }
}

function whereToGo(ready: Ready): string[] {
  const { platform, mailbox, settings } = ready;
  const places = [
    ["API reference", `${platform.origin}/docs`],
    ["Event reference", `${platform.origin}/docs/events`],
    ["Mailbox", `${mailbox.url}   (every log-in code arrives here)`],
    ["Metrics", "the addresses in the lines above"],
    ["Logs and data", relative(process.cwd(), settings.dataFolder) || "."],
    ["Log in as", `${operators().platform}   platform operator`],
    ["", `${operators().billing}   billing operator`],
    ...(hasDemo ? demoLogIns().map(({ what, email }) => ["", `${email}   ${what}`]) : []),
  ];
  const lines = places.map(([name = "", place = ""]) => `  ${name.padEnd(16)} ${place}`);
  return [
    ...lines,
    "",
    "Ctrl-C stops everything; the data stays. npm run reset starts over, npm run tour shows the main job.",
  ];
}

await runCommand(start);
// A download that was broken off would keep the process alive.
process.exit();
