// Holds the manifests against the configuration: every variable that one sets is known to the services, and the reverse.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { parse, parseAllDocuments } from "yaml";

export interface Mismatch {
  where: string;
  variable: string;
  problem: "unknown" | "missing";
}

interface ManifestVariables {
  where: string;
  names: readonly string[];
}

type Tree = { [key: string]: unknown };

/** Read from the running process by Node itself, not part of our configuration. */
const OF_THE_RUNTIME = new Set(["NODE_ENV"]);

/** What the Kubernetes manifests and the compose file get wrong about `known`. */
export function mismatches(root: string, known: readonly string[]): Mismatch[] {
  return [kubernetes(root), compose(root)].flatMap(({ where, names }) => [
    ...names
      .filter((name) => !known.includes(name) && !OF_THE_RUNTIME.has(name))
      .map((variable) => ({ where, variable, problem: "unknown" as const })),
    ...known
      .filter((name) => !names.includes(name))
      .map((variable) => ({ where, variable, problem: "missing" as const })),
  ]);
}

function kubernetes(root: string): ManifestVariables {
  const read = (file: string) =>
    parseAllDocuments(readFileSync(join(root, file), "utf8")).map((document) => document.toJS() as Tree);
  const config = read("k8s/base/config.yaml").flatMap((document) => Object.keys(document["data"] as Tree));
  const connections = read("k8s/overlays/local/connections.yaml").flatMap((document) =>
    Object.keys(document["stringData"] as Tree),
  );
  const ofContainers = read("k8s/base/service/deployment.yaml").flatMap(containerVariables);
  return { where: "k8s", names: [...new Set([...config, ...connections, ...ofContainers])] };
}

function containerVariables(deployment: Tree): string[] {
  const { spec } = (deployment["spec"] as { template: { spec: Record<string, { env?: { name: string }[] }[]> } })
    .template;
  const containers = [...(spec["initContainers"] ?? []), ...(spec["containers"] ?? [])];
  return containers.flatMap(({ env = [] }) => env.map(({ name }) => name));
}

function compose(root: string): ManifestVariables {
  const file = parse(readFileSync(join(root, "deploy/compose.yaml"), "utf8"), { merge: true }) as {
    services: Record<string, { image: string; environment?: Tree }>;
  };
  const ours = Object.values(file.services).filter(({ image }) => image === "partake:local");
  const names = ours.flatMap(({ environment = {} }) => Object.keys(environment));
  return { where: "deploy/compose.yaml", names: [...new Set(names)] };
}
