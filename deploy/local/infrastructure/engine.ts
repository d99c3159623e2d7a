import type { Reporter } from "../terminal/reporter.ts";

export const images = { kafka: "apache/kafka:4.1.0", mongodb: "mongo:7.0.14" } as const;

const probeTimeoutMs = 10_000;
const pullTimeoutMs = 15 * 60_000;

/** Says whose data a container works on, so that a later run finds what a killed one left. */
export const dataLabel = "partake.data";

/** Whether a Docker engine answers, in bounded time. */
export async function isDockerAnswering(): Promise<boolean> {
  const { getContainerRuntimeClient } = await import("testcontainers");
  const answering = getContainerRuntimeClient().then(
    () => true,
    () => false,
  );
  return within(probeTimeoutMs, answering, () => false);
}

/** Which images the engine would have to pull. */
export async function missingImages(): Promise<string[]> {
  const { getContainerRuntimeClient, ImageName } = await import("testcontainers");
  const { image } = await getContainerRuntimeClient();
  const names = Object.values(images);
  const there = await Promise.all(names.map((name) => image.exists(ImageName.fromString(name))));
  return names.filter((_name, index) => !there[index]);
}

/**
 * Brings the images, and the container by which testcontainers removes ours when this process dies. An engine may answer
 * and yet reach no registry: why, is said instead of thrown, because there is another way.
 */
export async function bringImages(reporter: Reporter): Promise<string | undefined> {
  const late = () => `the images were not there after ${pullTimeoutMs / 60_000} minutes`;
  return within(pullTimeoutMs, pullImages(reporter), late).catch((error: Error) => error.message.split("\n")[0]);
}

async function pullImages(reporter: Reporter): Promise<string | undefined> {
  const { getContainerRuntimeClient, getReaper, ImageName } = await import("testcontainers");
  const client = await getContainerRuntimeClient();
  for (const name of await missingImages()) {
    reporter.line(`${name}   is pulled by the Docker engine`);
    await client.image.pull(ImageName.fromString(name));
  }
  // A pull that fails in the middle of its answer does not throw.
  const missing = await missingImages();
  if (missing.length > 0) return `it could not pull ${missing.join(" and ")}`;
  await getReaper(client);
  return undefined;
}

/** Removes the containers that a killed run left on this data: they hold its ports. */
export async function removeContainers(dataId: string): Promise<void> {
  const docker = await dockerode();
  const left = await docker.listContainers({ all: true, filters: { label: [`${dataLabel}=${dataId}`] } });
  for (const { Id } of left) await unlessGone(docker.getContainer(Id).remove({ force: true, v: true }));
}

export async function removeVolumes(names: readonly string[]): Promise<void> {
  const docker = await dockerode();
  for (const name of names) await unlessGone(docker.getVolume(name).remove());
}

async function dockerode() {
  const { getContainerRuntimeClient } = await import("testcontainers");
  return (await getContainerRuntimeClient()).container.dockerode;
}

/** What is not there, or goes by itself in this moment, is as good as removed. */
async function unlessGone(removal: Promise<unknown>): Promise<void> {
  await removal.catch((error: { statusCode?: number }) => {
    if (error.statusCode !== 404) throw error;
  });
}

function within<Value>(timeoutMs: number, work: Promise<Value>, late: () => Value): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const timeout = new Promise<Value>((resolve) => {
    timer = setTimeout(() => resolve(late()), timeoutMs);
  });
  return Promise.race([work, timeout]).finally(() => clearTimeout(timer));
}
