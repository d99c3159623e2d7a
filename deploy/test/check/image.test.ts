import { join } from "node:path";
import { expect, test } from "vitest";
import { forgotten } from "../../check/image.ts";
import { type Files, withTree } from "./tree.ts";

function workspace(folder: string, name: string, dependencies: Record<string, string> = {}): Files {
  return { [`${folder}/package.json`]: JSON.stringify({ name, dependencies }) };
}

/** A service that stands on a library that stands on another; and a library that only tests need. */
const tree: Files = {
  ...workspace("proto", "@partake/proto"),
  ...workspace("libs/rpc", "@partake/rpc", { "@partake/csv": "0.0.0", "a-package-of-others": "1.0.0" }),
  ...workspace("libs/csv", "@partake/csv"),
  ...workspace("libs/testing", "@partake/testing"),
  ...workspace("services/billing", "@partake/billing-service", { "@partake/rpc": "0.0.0" }),
  "deploy/Dockerfile": `
FROM node AS dependencies
COPY package.json package-lock.json ./
COPY libs/csv/package.json libs/csv/
COPY libs/rpc/package.json libs/rpc/
COPY services/billing/package.json services/billing/
RUN npm ci \\
    --workspace @partake/billing-service

FROM node
COPY --from=dependencies /partake ./
COPY libs libs
`,
};

function foundWithout(text: string): string[] {
  const dockerfile = tree["deploy/Dockerfile"] ?? "";
  if (!dockerfile.includes(text)) throw new Error(`The Dockerfile does not say ${text}`);
  return withTree({ ...tree, "deploy/Dockerfile": dockerfile.replace(text, "") }, forgotten);
}

test("the image of this tree installs for every service", () => {
  expect(forgotten(join(import.meta.dirname, "../../.."))).toEqual([]);
});

test("a Dockerfile that has what the services stand on is complete", () => {
  expect(withTree(tree, forgotten)).toEqual([]);
});

test.each(["libs/csv", "libs/rpc", "services/billing"])("a Dockerfile without %s is told of", (folder) => {
  const line = `COPY ${folder}/package.json ${folder}/`;
  expect(foundWithout(`${line}\n`)).toEqual([`deploy/Dockerfile lacks ${line}.`]);
});

test("a service that nothing is installed for is told of", () => {
  const expected = ["deploy/Dockerfile lacks --workspace @partake/billing-service."];
  expect(foundWithout("--workspace @partake/billing-service")).toEqual(expected);
});
