import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { demoLogIns } from "../demo/demo.ts";
import { operators } from "../local/platform/plan.ts";
import { checkoutFolder, portVariables } from "../local/settings.ts";

const readme = readFileSync(join(checkoutFolder, "README.md"), "utf8");

test("the README names everybody whom one can log in as, and nobody else", () => {
  const { platform, billing } = operators({});
  const people = [...demoLogIns().map(({ email }) => email), platform, billing];
  const named = [...readme.matchAll(/^\| `(\S+@\S+)` /gm)].map(([, email]) => email);
  expect(named.sort()).toEqual(people.sort());
});

test("the README's addresses are those of npm start", () => {
  const ports = [...readme.matchAll(/http:\/\/localhost:(\d+)/g)].map(([, port]) => Number(port));
  expect(new Set(ports)).toEqual(new Set([portVariables.gatewayPort.port, portVariables.mailboxPort.port]));
});

test("the README's two commands are what CI runs", () => {
  expect(readFileSync(join(checkoutFolder, ".ci/run"), "utf8")).toContain("\nnpm ci && npm test\n");
  expect(readme).toContain("\nnpm ci && npm test\n");
  expect(readme).toContain("\nnpm ci && npm start\n");
});
