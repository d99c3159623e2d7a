import type { Breach } from "../source.ts";

/** Names that say nothing of what is inside. */
const EMPTY_NAMES = /^(utils?|helpers?|manager|dto|impl|common|misc|shared|base|index)$/;
/** These manage something, and are words of roles.md. */
const ROLES = /\b(folder|album|event)-manager\b/;

/** Files are named in kebab-case, by a noun that says something. */
export function names(file: string): Breach[] {
  const folders = file.split("/");
  const stem = (folders.pop() ?? "").replace(/(\.test|\.config|\.d)?\.ts$/, "");
  const found: Breach[] = [];
  if (!/^[a-z0-9]+(-[a-z0-9]+)*$/.test(stem)) found.push({ file, line: 1, rule: "File names are kebab-case." });
  for (const part of [...folders, ...stem.replace(ROLES, "").split("-")]) {
    if (EMPTY_NAMES.test(part)) found.push({ file, line: 1, rule: `The name "${part}" says nothing.` });
  }
  return found;
}
