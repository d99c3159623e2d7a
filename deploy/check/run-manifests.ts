import { configurationVariables } from "@partake/service";
import { forgotten } from "./image.ts";
import { mismatches } from "./manifests.ts";

const known = configurationVariables.map(({ name }) => name);
const found = mismatches(process.cwd(), known);
for (const { where, variable, problem } of found) {
  console.log(
    problem === "unknown" ? `${where} sets ${variable}, which no service knows.` : `${where} lacks ${variable}.`,
  );
}
const left = forgotten(process.cwd());
for (const sentence of left) console.log(sentence);
console.log(
  found.length === 0
    ? `The manifests set all ${known.length} variables, and no other.`
    : "Manifests and configuration differ.",
);
process.exitCode = found.length + left.length === 0 ? 0 : 1;
