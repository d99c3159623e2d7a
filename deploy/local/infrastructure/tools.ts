import { execFile } from "node:child_process";
import { join } from "node:path";

/** A program of this machine and the arguments that come before one's own. */
export interface Tool {
  title: string;
  command: string;
  args: readonly string[];
  /** What it says of its version. */
  version: string;
}

const probeTimeoutMs = 30_000;
const leastJava = 17;

/** Maven does not even tell its version without a Java, which may be one that was downloaded a moment ago. */
export async function findMaven(environment: NodeJS.ProcessEnv = process.env): Promise<Tool | undefined> {
  const pattern = /Apache Maven ([\d.]+)/;
  return probe({ title: "Maven", command: "mvn", args: [], versionArgs: ["-v"], pattern, environment });
}

/** pip has three names on different machines; any of them can download and unpack a wheel. */
export async function findPip(): Promise<Tool | undefined> {
  const candidates = [
    { command: "python3", args: ["-m", "pip"] },
    { command: "python", args: ["-m", "pip"] },
    { command: "pip3", args: [] },
    { command: "pip", args: [] },
  ];
  for (const candidate of candidates) {
    const found = await probe({ ...candidate, title: "pip", versionArgs: ["--version"], pattern: /pip ([\d.]+)/ });
    if (found !== undefined) return found;
  }
  return undefined;
}

/** The machine's Java, if it is new enough for Kafka 4. */
export async function findJava(environment: NodeJS.ProcessEnv = process.env): Promise<Tool | undefined> {
  const home = environment["JAVA_HOME"];
  const commands = [...(home ? [join(home, "bin", "java")] : []), "java"];
  for (const command of commands) {
    const java = await probe({
      title: "Java",
      command,
      args: [],
      versionArgs: ["-version"],
      pattern: /version "([^"]+)"/,
    });
    if (java !== undefined && Number.parseInt(java.version, 10) >= leastJava) return java;
  }
  return undefined;
}

export async function findNpm(): Promise<Tool | undefined> {
  return probe({ title: "npm", command: "npm", args: [], versionArgs: ["--version"], pattern: /^([\d.]+)/ });
}

function probe(options: {
  title: string;
  command: string;
  args: readonly string[];
  versionArgs: readonly string[];
  pattern: RegExp;
  environment?: NodeJS.ProcessEnv;
}): Promise<Tool | undefined> {
  return new Promise((resolve) => {
    const args = [...options.args, ...options.versionArgs];
    const settings = { timeout: probeTimeoutMs, env: options.environment ?? process.env };
    execFile(options.command, args, settings, (error, stdout, stderr) => {
      const version = options.pattern.exec(`${stdout}\n${stderr}`)?.[1];
      const { title, command } = options;
      resolve(error !== null || version === undefined ? undefined : { title, command, args: options.args, version });
    });
  });
}
