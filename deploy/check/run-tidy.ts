import { breaches } from "./tidy.ts";

const found = breaches(process.cwd());
for (const { file, line, rule } of found) console.log(`${file}:${line} ${rule}`);
console.log(found.length === 0 ? "The tree is tidy." : `${found.length} rules of style are broken.`);
process.exitCode = found.length === 0 ? 0 : 1;
