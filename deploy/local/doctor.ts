import { statfs } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import { defaultCacheFolder, stateInCache } from "./infrastructure/cache.ts";
import { javaWheel, kafkaEntry, mongodWheel, wheelEntry } from "./infrastructure/downloads.ts";
import { isDockerAnswering, missingImages } from "./infrastructure/engine.ts";
import { findJava, findMaven, findNpm, findPip, type Tool } from "./infrastructure/tools.ts";
import { madeBy, madeByBinaries, startDockerOrAnew } from "./infrastructure/way.ts";
import { planProcesses, portNeeds, serviceNames } from "./platform/plan.ts";
import { isPortFree, type PortNeed } from "./processes/ports.ts";
import { findOwner } from "./processes/run-record.ts";
import { type LocalSettings, portVariables, readSettings } from "./settings.ts";
import { runCommand } from "./terminal/setup-error.ts";

export interface Finding {
  name: string;
  /** `missing` stops `npm start`; `optional` is one of several ways, and another one works. */
  state: "ok" | "optional" | "missing";
  detail: string;
  /** How to get it, where something is missing. */
  remedy?: string;
}

const neededDiskMb = 2_048;
const leastNodeMajor = 24;

/** Looks at everything that `npm start` and `npm test` need of a machine. */
export async function examine(environment: NodeJS.ProcessEnv = process.env): Promise<Finding[]> {
  const settings = readSettings(environment);
  const [engine, maven, pip, java, npm] = await Promise.all([
    examineEngine(settings),
    findMaven(),
    findPip(),
    findJava(environment),
    findNpm(),
  ]);
  const given = Boolean(environment["MONGODB_URI"] && environment["KAFKA_BROKERS"]);
  const cached = await cacheState();
  const otherWay = given || engine.is === "used";
  const programs = cached.all || (maven !== undefined && pip !== undefined);
  return [
    nodeFinding(),
    toolFinding({ name: "npm", tool: npm, needed: true, remedy: "It comes with Node: https://nodejs.org" }),
    givenFinding(given),
    dockerFinding({ engine, given, programs }),
    platformFinding(otherWay),
    toolFinding({
      name: "Java 17 or newer",
      tool: java,
      needed: false,
      remedy: "Not needed: without it, a Java runtime is downloaded with pip.",
    }),
    toolFinding({
      name: "Maven",
      tool: maven,
      needed: !otherWay && !cached.kafka,
      remedy: "Install Maven with the system's package manager (apt install maven, dnf install maven).",
    }),
    toolFinding({
      name: "pip",
      tool: pip,
      needed: !otherWay && !(cached.mongodb && (cached.java || java !== undefined)),
      remedy: "Install Python 3 with pip with the system's package manager (apt install python3-pip).",
    }),
    ...cached.findings,
    ...(await portFindings(settings, given)),
    await diskFinding(),
  ];
}

function nodeFinding(): Finding {
  const major = Number.parseInt(process.versions.node, 10);
  const detail = `${process.versions.node} runs this`;
  if (major >= leastNodeMajor) return { name: "Node", state: "ok", detail };
  return {
    name: "Node",
    state: "missing",
    detail,
    remedy: "Run npm ci: it installs the pinned Node that npm scripts use.",
  };
}

function toolFinding(options: { name: string; tool: Tool | undefined; needed: boolean; remedy: string }): Finding {
  const { name, tool, remedy } = options;
  if (tool !== undefined)
    return { name, state: "ok", detail: `${tool.version} (${[tool.command, ...tool.args].join(" ")})` };
  return { name, state: options.needed ? "missing" : "optional", detail: "not found", remedy };
}

function givenFinding(given: boolean): Finding {
  const detail = given ? "set: these servers are used" : "not set: servers are started here";
  return { name: "MONGODB_URI and KAFKA_BROKERS", state: given ? "ok" : "optional", detail };
}

/** What the Docker engine is to Partake here; `needed` is one that does not answer and has the data. */
interface Engine {
  is: "used" | "unused" | "needed" | "away";
  detail: string;
}

async function examineEngine({ dataFolder }: LocalSettings): Promise<Engine> {
  const made = await madeBy(join(dataFolder, "infrastructure"));
  if (!(await isDockerAnswering())) {
    if (made === "containers") return { is: "needed", detail: "does not answer: the data lies in its volumes" };
    return { is: "away", detail: "does not answer: Kafka and MongoDB run as programs of this machine" };
  }
  if (made === "binaries") return { is: "unused", detail: `answers, but ${madeByBinaries}` };
  const missing = await missingImages();
  const pulled = missing.length === 0 ? "" : `; ${missing.join(" and ")} will be pulled`;
  return { is: "used", detail: `answers: Kafka and MongoDB run in containers${pulled}` };
}

function dockerFinding({ engine, given, programs }: { engine: Engine; given: boolean; programs: boolean }): Finding {
  const { is, detail } = engine;
  const found = { name: "Docker engine", detail };
  if (is === "used" || is === "unused") return { ...found, state: "ok" };
  const remedy = is === "needed" ? startDockerOrAnew : "Start Docker, or install Maven and pip.";
  const isOptional = given || (is === "away" && programs);
  return { ...found, state: isOptional ? "optional" : "missing", remedy };
}

function platformFinding(otherWay: boolean): Finding {
  const detail = `${process.platform} on ${process.arch}`;
  const name = "Machine for the pinned programs";
  if (process.platform === "linux" && process.arch === "x64") return { name, state: "ok", detail };
  return {
    name,
    state: otherWay ? "optional" : "missing",
    detail: `${detail}; they are for Linux on x86-64`,
    remedy: "Start a Docker engine, or set MONGODB_URI and KAFKA_BROKERS.",
  };
}

async function cacheState() {
  const folder = defaultCacheFolder();
  const [kafka, mongodb, java] = await Promise.all([
    stateInCache(kafkaEntry),
    stateInCache(wheelEntry(mongodWheel)),
    stateInCache(wheelEntry(javaWheel)),
  ]);
  const details = {
    whole: `in ${folder}`,
    unfinished: `only in part in ${folder}: thrown away and downloaded anew when it is needed`,
    absent: `not in ${folder}: downloaded when it is needed`,
  };
  const finding = (title: string, state: keyof typeof details): Finding => ({
    name: `Cached ${title}`,
    state: state === "whole" ? "ok" : "optional",
    detail: details[state],
  });
  const findings = [finding("Kafka", kafka), finding(mongodWheel.title, mongodb), finding(javaWheel.title, java)];
  const there = { kafka: kafka === "whole", mongodb: mongodb === "whole", java: java === "whole" };
  return { ...there, all: there.kafka && there.mongodb, findings };
}

/** Ports that an own running platform holds are as they should be. */
async function portFindings(settings: LocalSettings, given: boolean): Promise<Finding[]> {
  const owner = findOwner({ folder: settings.dataFolder, name: "start" });
  const finding = async (name: string, user: string, needs: readonly PortNeed[]): Promise<Finding> => {
    const states = await Promise.all(needs.map(async (need) => ({ need, free: await isPortFree(need.port) })));
    const taken = states.filter(({ free }) => !free).map(({ need }) => need);
    if (taken.length === 0) return { name, state: "ok", detail: `free for ${user}` };
    if (owner !== undefined) return { name, state: "ok", detail: `used by npm start (process ${owner.pid})` };
    const which = needs.length === 1 ? "taken" : `${taken.map(({ port }) => port).join(", ")} taken`;
    const remedy = `End the other program, or set ${taken[0]?.variable}.`;
    return { name, state: "missing", detail: `${which}, wanted by ${user}`, remedy };
  };
  // Given servers have ports of their own; those of the services are one after the other.
  const own = (["mongodbPort", "kafkaPort", "gatewayPort", "mailboxPort", "smtpPort"] as const).filter(
    (name) => !given || (name !== "mongodbPort" && name !== "kafkaPort"),
  );
  const services = await servicesPorts(settings);
  return Promise.all([
    ...own.map((key) => finding(`Port ${settings[key]}`, portVariables[key].user, [ownNeed(settings, key)])),
    finding(`Ports from ${settings.servicesPort}`, "the services", services),
  ]);
}

function ownNeed(settings: LocalSettings, key: keyof typeof portVariables): PortNeed {
  return { ...portVariables[key], port: settings[key] };
}

async function servicesPorts(settings: LocalSettings): Promise<PortNeed[]> {
  const { gatewayPort, servicesPort } = settings;
  const ports = { kind: "fixed", gatewayPort, servicesPort } as const;
  const needs = portNeeds(await planProcesses({ services: serviceNames, replicas: 1, ports }));
  return needs.filter(({ port }) => port !== gatewayPort);
}

async function diskFinding(): Promise<Finding> {
  const folder = await statfs(homedir());
  const freeMb = Math.floor((folder.bavail * folder.bsize) / 1024 / 1024);
  const detail = `${(freeMb / 1024).toFixed(1)} GiB free`;
  if (freeMb >= neededDiskMb) return { name: "Disk", state: "ok", detail };
  return { name: "Disk", state: "missing", detail, remedy: `Free ${neededDiskMb / 1024} GiB for downloads and data.` };
}

/** `npm run doctor`: 0 when `npm start` can work here, else 1. */
async function doctor(): Promise<void> {
  const findings = await examine();
  const healthy = findings.every((finding) => finding.state !== "missing");
  if (process.argv.includes("--json")) {
    process.stdout.write(`${JSON.stringify({ healthy, findings }, null, 2)}\n`);
  } else {
    for (const finding of findings) process.stdout.write(`${describe(finding)}\n`);
    const verdict = healthy ? "npm start can work here." : "Something is missing: see the lines with ✗.";
    process.stdout.write(`\n${verdict}\n`);
  }
  process.exitCode = healthy ? 0 : 1;
}

function describe(finding: Finding): string {
  const mark = { ok: "✓", optional: "–", missing: "✗" }[finding.state];
  const line = `${mark} ${finding.name.padEnd(32)} ${finding.detail}`;
  return finding.state === "ok" || finding.remedy === undefined ? line : `${line}\n    ${finding.remedy}`;
}

if (import.meta.main) await runCommand(doctor);
