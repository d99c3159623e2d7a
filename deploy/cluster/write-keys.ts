// Writes the keys of an installation into a folder, once: for the compose file, whose containers share it as a volume.
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { makeKeys } from "./keys.ts";

const folder = process.argv[2] ?? "/keys";
const done = join(folder, "services.jwks.json");
mkdirSync(folder, { recursive: true });
if (existsSync(done)) {
  console.log("The keys are there already.");
} else {
  const { "services.jwks.json": publicKeys = "", ...others } = makeKeys();
  for (const [name, content] of Object.entries(others)) writeFileSync(join(folder, name), content, { mode: 0o400 });
  // The file that says "done" appears last and whole.
  writeFileSync(`${done}.part`, publicKeys);
  renameSync(`${done}.part`, done);
  console.log("The keys are made.");
}
