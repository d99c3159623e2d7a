// npm run build -w @partake/client
//
// Makes dist/: the package as it is published (npm publish libs/client/dist). Node strips no types under node_modules, so
// outside of this workspace the client must be JavaScript; inside, its package.json leads to the source.
import { spawnSync } from "node:child_process";
import { copyFileSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const dist = join(here, "dist");

function build(): void {
  rmSync(dist, { recursive: true, force: true });
  const compiler = join(dirname(createRequire(import.meta.url).resolve("typescript/package.json")), "bin/tsc");
  const compiled = spawnSync(process.execPath, [compiler, "-p", join(here, "tsconfig.build.json")], {
    stdio: "inherit",
  });
  if (compiled.status !== 0) throw new Error("the client does not compile");
  const { name, version } = JSON.parse(readFileSync(join(here, "package.json"), "utf8")) as {
    name: string;
    version: string;
  };
  const manifest = {
    name,
    version,
    description: "Typed client of Partake's HTTP interface.",
    type: "module",
    sideEffects: false,
    engines: { node: ">=20.3" },
    exports: { ".": { types: "./client.d.ts", default: "./client.js" } },
  };
  writeFileSync(join(dist, "package.json"), `${JSON.stringify(manifest, null, 2)}\n`);
  copyFileSync(join(here, "README.md"), join(dist, "README.md"));
}

build();
