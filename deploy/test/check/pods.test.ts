// What a cluster would refuse or do wrong, read from the manifests as they are written.
import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse, parseAllDocuments } from "yaml";

const folder = join(import.meta.dirname, "../../../k8s");

interface Container {
  name: string;
  securityContext?: { allowPrivilegeEscalation?: boolean; capabilities?: { drop?: string[] } };
  startupProbe?: { exec?: { command: string[] } };
  readinessProbe?: { periodSeconds?: number; failureThreshold?: number };
}

interface Pod {
  securityContext?: { runAsNonRoot?: boolean; seccompProfile?: { type?: string } };
  enableServiceLinks?: boolean;
  terminationGracePeriodSeconds?: number;
  initContainers?: Container[];
  containers: Container[];
}

interface Manifest {
  kind: string;
  metadata: { name: string };
  spec?: { template?: { spec: Pod }; minReadySeconds?: number; scaleTargetRef?: { kind: string; name: string } };
}

const manifests = globSync("**/*.yaml", { cwd: folder })
  .filter((file) => !file.endsWith("kustomization.yaml"))
  .flatMap((file) =>
    parseAllDocuments(read(file)).map((document) => ({ file, ...(document.toJS({ maxAliasCount: -1 }) as Manifest) })),
  );
const workloads = manifests.filter(({ kind }) => ["Deployment", "StatefulSet", "Job"].includes(kind));
const service = workloads.find(({ file }) => file === join("base", "service", "deployment.yaml"))?.spec;

function read(file: string): string {
  return readFileSync(join(folder, file), "utf8");
}

test("there are workloads to look at", () => {
  expect(workloads.map(({ metadata }) => metadata.name).toSorted()).toEqual([
    "kafka",
    "keys",
    "mailbox",
    "mongodb",
    "service",
  ]);
});

describe.each(workloads)("the pods of $metadata.name", ({ spec }) => {
  const pod = spec?.template?.spec as Pod;

  test("are let into a namespace for restricted pods", () => {
    expect(pod.securityContext).toMatchObject({ runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } });
    for (const { name, securityContext } of [...(pod.initContainers ?? []), ...pod.containers]) {
      expect([name, securityContext]).toMatchObject([
        name,
        { allowPrivilegeEscalation: false, capabilities: { drop: ["ALL"] } },
      ]);
    }
  });
});

test("a pod of Kafka's operator is let in too: what its own defaults lack is said", () => {
  const kafka = manifests.find(({ kind }) => kind === "Kafka") as unknown as {
    spec: { kafka: { template: { kafkaContainer: Container } } };
  };
  expect(kafka.spec.kafka.template.kafkaContainer.securityContext).toEqual({
    runAsNonRoot: true,
    allowPrivilegeEscalation: false,
    capabilities: { drop: ["ALL"] },
    seccompProfile: { type: "RuntimeDefault" },
  });
});

test("a pod that ends has the time that its service takes: the grace, and 25 s for the rest", () => {
  const { data } = parse(read(join("base", "config.yaml"))) as { data: Record<string, string> };
  const graceSeconds = Number(data["DRAIN_GRACE_SECONDS"]);
  expect(graceSeconds, "endpoints and load balancers need a moment").toBeGreaterThanOrEqual(5);
  expect(service?.template?.spec.terminationGracePeriodSeconds).toBeGreaterThan(graceSeconds + 25);
});

test("a database that changes its primary does not take every replica out of the endpoints", () => {
  const probe = service?.template?.spec.containers[0]?.readinessProbe;
  expect((probe?.periodSeconds ?? 0) * (probe?.failureThreshold ?? 0)).toBeGreaterThanOrEqual(15);
});

test("callers have found a new replica before the last old one is gone", () => {
  const { data } = parse(read(join("base", "config.yaml"))) as { data: Record<string, string> };
  const [lookedUpEverySeconds, keptBySeconds] = [10, 30];
  expect(2 * (service?.minReadySeconds ?? 0) + Number(data["DRAIN_GRACE_SECONDS"])).toBeGreaterThan(
    lookedUpEverySeconds + keptBySeconds,
  );
});

test("a MongoDB whose pod comes back with another address finds itself in its replica set of one", () => {
  const mongodb = workloads.find(({ metadata }) => metadata.name === "mongodb")?.spec?.template?.spec.containers[0];
  const script = mongodb?.startupProbe?.exec?.command.at(-1) ?? "";
  expect(/host: '([^']+)'/.exec(script)?.[1]).toBe("localhost:27017");
});

test("what an autoscaler scales has no number of replicas, or each apply would set it back", () => {
  const scalers = manifests.filter(({ spec }) => spec?.scaleTargetRef !== undefined);
  expect(scalers.map(({ spec }) => spec?.scaleTargetRef?.name)).toEqual(["gateway"]);
  const component = parse(read(join("components", "autoscaling", "kustomization.yaml"))) as {
    patches: { target: object; patch: string }[];
  };
  expect(component.patches.map(({ target, patch }) => [target, parse(patch)])).toEqual([
    [{ kind: "Deployment", name: "gateway" }, [{ op: "remove", path: "/spec/replicas" }]],
  ]);
});
