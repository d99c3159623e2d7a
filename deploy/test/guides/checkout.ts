import { execFile, execFileSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { treeFiles } from "../../check/source.ts";
import { checkoutFolder } from "../../local/settings.ts";

export interface Checkout {
  root: string;
  run(command: string, ...args: readonly string[]): Promise<Ended>;
  remove(): void;
}

export interface Ended {
  code: number;
  output: string;
}

const timeoutMs = 120_000;

/** A copy of this checkout as it lies there, with the same packages installed and its own ones of Partake. */
export function copyCheckout(): Checkout {
  const root = mkdtempSync(join(tmpdir(), "partake-guide-"));
  for (const file of treeFiles(checkoutFolder, ".")) cpSync(join(checkoutFolder, file), join(root, file));
  execFileSync("git", ["init", "-q"], { cwd: root });
  for (const folder of workspacesBelow(root)) linkPackages(root, folder);
  linkPackages(root, ".");
  linkOwn(root);
  return {
    root,
    run: (command, ...args) => run(root, command, args),
    remove: () => rmSync(root, { recursive: true, force: true }),
  };
}

/** Links every workspace of the tree under its own name, a new one too: what `npm install` does. */
export function linkOwn(root: string): void {
  const folder = join(root, "node_modules", "@partake");
  rmSync(folder, { recursive: true, force: true });
  mkdirSync(folder, { recursive: true });
  for (const workspace of workspacesBelow(root)) {
    const { name } = JSON.parse(readFileSync(join(root, workspace, "package.json"), "utf8")) as { name: string };
    symlinkSync(join(root, workspace), join(root, "node_modules", name));
  }
}

function workspacesBelow(root: string): string[] {
  const inside = ["libs", "services"].flatMap((top) => readdirSync(join(root, top)).map((name) => `${top}/${name}`));
  return ["proto", "deploy", ...inside].filter((folder) => existsSync(join(root, folder, "package.json")));
}

function linkPackages(root: string, folder: string): void {
  const installed = join(checkoutFolder, folder, "node_modules");
  if (!existsSync(installed)) return;
  const target = join(root, folder, "node_modules");
  mkdirSync(target, { recursive: true });
  // What tools keep between their runs is each checkout's own.
  const names = readdirSync(installed).filter((name) => name !== "@partake" && !/^\.(?!bin$)/.test(name));
  for (const name of names) symlinkSync(join(installed, name), join(target, name));
}

function run(root: string, command: string, args: readonly string[]): Promise<Ended> {
  const path = `${join(root, "node_modules", ".bin")}:${process.env["PATH"]}`;
  const options = { cwd: root, env: { ...process.env, PATH: path, NO_COLOR: "1" }, timeout: timeoutMs };
  return new Promise((resolve) => {
    execFile(command, [...args], options, (error, stdout, stderr) => {
      resolve({ code: error === null ? 0 : Number(error.code ?? 1), output: `${stdout}\n${stderr}` });
    });
  });
}
