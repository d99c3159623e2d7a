// Renews docs/reference/roles.md.
import { mkdirSync, writeFileSync } from "node:fs";
import { renderMatrix } from "./matrix.ts";

const reference = new URL("../../../docs/reference/", import.meta.url);
mkdirSync(reference, { recursive: true });
writeFileSync(new URL("roles.md", reference), renderMatrix());
