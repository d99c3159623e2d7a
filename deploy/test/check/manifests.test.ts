import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { mismatches } from "../../check/manifests.ts";
import { type Files, withTree } from "./tree.ts";

/** Manifests that set ORIGIN, MONGODB_URI, PORT and KEY_FILE, and images of others with variables of their own. */
const manifests: Files = {
  "k8s/base/config.yaml": `
apiVersion: v1
kind: ConfigMap
metadata: { name: partake }
data: { ORIGIN: http://localhost }
`,
  "k8s/overlays/local/connections.yaml": `
apiVersion: v1
kind: Secret
metadata: { name: connections }
stringData: { MONGODB_URI: mongodb://mongodb }
`,
  "k8s/base/service/deployment.yaml": `
apiVersion: apps/v1
kind: Deployment
spec:
  template:
    spec:
      initContainers:
        - { name: migrate, env: [{ name: PORT, value: "1" }] }
      containers:
        - { name: service, env: [{ name: KEY_FILE, value: /keys/a }, { name: NODE_ENV, value: production }] }
        - { name: other }
`,
  "deploy/compose.yaml": `
x-environment: &environment
  ORIGIN: http://localhost
  MONGODB_URI: mongodb://mongodb
  PORT: "1"
services:
  billing: { image: "partake:local", environment: { <<: *environment, KEY_FILE: /keys/a } }
  keys: { image: "partake:local" }
  kafka: { image: "apache/kafka", environment: { KAFKA_NODE_ID: "1" } }
`,
};
const known = ["ORIGIN", "MONGODB_URI", "PORT", "KEY_FILE"];

function found(options: { files?: Files; known?: readonly string[] }) {
  return withTree({ ...manifests, ...options.files }, (root) => mismatches(root, options.known ?? known));
}

function changed(file: string, from: string, to: string): Files {
  const text = manifests[file] ?? "";
  if (!text.includes(from)) throw new Error(`${file} does not say ${from}`);
  return { [file]: text.replace(from, to) };
}

test("manifests that set what the services know, and no more, agree", () => {
  expect(found({})).toEqual([]);
});

describe("a variable that", () => {
  const unknown = { problem: "unknown", variable: "TYPO" };
  test.each([
    ["the config map", "k8s", changed("k8s/base/config.yaml", "{ ORIGIN", "{ TYPO: a, ORIGIN")],
    ["the secret", "k8s", changed("k8s/overlays/local/connections.yaml", "{ MONGODB_URI", "{ TYPO: a, MONGODB_URI")],
    [
      "an init container",
      "k8s",
      changed("k8s/base/service/deployment.yaml", "[{ name: PORT", "[{ name: TYPO }, { name: PORT"),
    ],
    [
      "a container",
      "k8s",
      changed("k8s/base/service/deployment.yaml", "[{ name: KEY_FILE", "[{ name: TYPO }, { name: KEY_FILE"),
    ],
    ["the compose file", "deploy/compose.yaml", changed("deploy/compose.yaml", "  PORT", "  TYPO: a\n  PORT")],
    [
      "one of its services",
      "deploy/compose.yaml",
      changed("deploy/compose.yaml", "KEY_FILE: /keys/a }", "KEY_FILE: /keys/a, TYPO: a }"),
    ],
  ])("%s sets and no service knows is said", (_what, where, files) => {
    expect(found({ files })).toEqual([{ where, ...unknown }]);
  });

  test.each([
    ["the config map", "k8s", changed("k8s/base/config.yaml", "ORIGIN: http://localhost", ""), "ORIGIN"],
    [
      "the init container",
      "k8s",
      changed("k8s/base/service/deployment.yaml", '{ name: PORT, value: "1" }', ""),
      "PORT",
    ],
    ["the compose file", "deploy/compose.yaml", changed("deploy/compose.yaml", '  PORT: "1"\n', ""), "PORT"],
  ])("%s lacks is said", (_what, where, files, variable) => {
    expect(found({ files })).toEqual([{ where, variable, problem: "missing" }]);
  });

  test("a service has come to know is missing in both", () => {
    expect(found({ known: [...known, "NEW"] })).toEqual([
      { where: "k8s", variable: "NEW", problem: "missing" },
      { where: "deploy/compose.yaml", variable: "NEW", problem: "missing" },
    ]);
  });
});

test("each service may be called by all of them: what a policy lets in is not narrowed to the service's own name", () => {
  const file = join(import.meta.dirname, "../../../k8s/base/service/network-policy.yaml");
  const policy = parse(readFileSync(file, "utf8")) as {
    spec: { ingress: { from: { podSelector?: object }[] }[] };
  };
  const peers = policy.spec.ingress.flatMap(({ from }) => from.flatMap(({ podSelector }) => podSelector ?? []));
  // kustomize's labels would be added to matchLabels, and to nothing else.
  expect(peers.map((peer) => Object.keys(peer))).toEqual([["matchExpressions"]]);
});
