// What containers of one machine must be like, read from the compose file as it is written.
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { parse } from "yaml";
import { tourSettings } from "../../tour/settings.ts";

interface Container {
  image: string;
  user?: string;
  read_only?: boolean;
  cap_drop?: string[];
  security_opt?: string[];
  ports?: string[];
  volumes?: string[];
  environment?: Record<string, string>;
}

const file = parse(readFileSync(join(import.meta.dirname, "../../compose.yaml"), "utf8"), { merge: true }) as {
  services: Record<string, Container>;
  volumes: Record<string, null>;
};
const containers = Object.entries(file.services);
const published = containers.flatMap(([, { ports = [] }]) => ports);

test("ports are published for this machine alone: whoever reads the mailbox can log in as anybody", () => {
  expect(published.length).toBeGreaterThan(0);
  for (const port of published) expect(port).toMatch(/^127\.0\.0\.1:/);
});

test("the tour finds what it visits where it looks for it", () => {
  const { origin, mailboxUrl, kafkaBrokers } = tourSettings({});
  const wanted = [new URL(origin).port, new URL(mailboxUrl).port, kafkaBrokers.split(":")[1]];
  expect(published.map((port) => port.split(":")[1])).toEqual(expect.arrayContaining(wanted));
  const listeners = file.services["kafka"]?.environment?.["KAFKA_ADVERTISED_LISTENERS"]?.split(",");
  expect(listeners).toContain(`OUTSIDE://${kafkaBrokers}`);
});

test.each([
  ["mongodb", "/data/db"],
  ["kafka", file.services["kafka"]?.environment?.["KAFKA_LOG_DIRS"]],
])("%s keeps its data when its container goes", (name, folder) => {
  const [volume] = file.services[name]?.volumes?.map((mount) => mount.split(":")) ?? [];
  expect(volume?.[1]).toBe(folder);
  expect(Object.keys(file.volumes)).toContain(volume?.[0]);
});

const services = containers.filter(([name, { image }]) => image === "partake:local" && name !== "keys");

test("there are services to look at", () => {
  expect(services).toHaveLength(7);
});

describe.each(services)("the container of %s", (_name, container) => {
  test("writes to nothing of its own, and can gain nothing", () => {
    expect(container).toMatchObject({
      read_only: true,
      cap_drop: ["ALL"],
      security_opt: ["no-new-privileges:true"],
    });
  });

  test("runs as the image says, which is nobody in particular", () => {
    expect(container.user).toBeUndefined();
  });
});
