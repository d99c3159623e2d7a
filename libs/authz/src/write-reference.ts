// Renews docs/reference/roles.md; with --check, only says whether it is as the policy has it.
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { renderMatrix } from "./matrix.ts";

const folder = new URL("../../../docs/reference/", import.meta.url);
const file = new URL("roles.md", folder);
const rendered = renderMatrix();

if (!process.argv.includes("--check")) {
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, rendered);
} else if (!existsSync(file) || readFileSync(file, "utf8") !== rendered) {
  console.error('docs/reference/roles.md is stale. Run "npm run generate -w @partake/authz".');
  process.exitCode = 1;
}
