import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath, pathToFileURL } from "node:url";
import { describe, expect, it } from "vitest";

const here = join(dirname(fileURLToPath(import.meta.url)), "..");
const dist = join(here, "dist");

describe("[X4] the package as it is published", () => {
  it("is JavaScript with types, needs nothing and works", async () => {
    const built = spawnSync(process.execPath, [join(here, "build.ts")], { encoding: "utf8" });
    expect(built.stdout + built.stderr).toBe("");
    const manifest = JSON.parse(readFileSync(join(dist, "package.json"), "utf8")) as Record<string, unknown>;
    expect(manifest["dependencies"]).toBeUndefined();
    const door = (manifest["exports"] as Record<string, Record<string, string>>)["."] ?? {};
    for (const path of Object.values(door)) expect(existsSync(join(dist, path)), path).toBe(true);
    const files = readdirSync(dist, { recursive: true, encoding: "utf8" }).filter((path) => path.endsWith(".js"));
    for (const path of files) expect(readFileSync(join(dist, path), "utf8"), path).not.toMatch(/from "[^.]|\.ts"/);
    const { createClient } = (await import(
      pathToFileURL(join(dist, "client.js")).href
    )) as typeof import("../src/client.ts");
    const fetch = async () => new Response(`{"id":"usr_1"}`);
    expect(await createClient({ origin: "https://partake.example", fetch }).identity.getMe()).toEqual({ id: "usr_1" });
  });
});

describe("the README", () => {
  it("shows code that compiles", () => {
    const shown = /```ts\n([\s\S]*?)```/.exec(readFileSync(join(here, "README.md"), "utf8"))?.[1] ?? "no code";
    expect(readFileSync(join(here, "test/readme-example.ts"), "utf8")).toContain(shown);
  });
});
