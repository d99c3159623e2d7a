import { createServer } from "node:net";
import { expect, test } from "vitest";
import { freePorts, isPortFree, requireFreePorts } from "../../local/processes/ports.ts";
import { readSettings } from "../../local/settings.ts";
import { describeError } from "../../local/terminal/setup-error.ts";

test("taken ports are named, all at once, with the variables that move them", async () => {
  const [first = 0, second = 0, free = 0] = await freePorts(3);
  const servers = [first, second].map((port) => createServer().listen(port, "127.0.0.1"));
  await Promise.all(servers.map((server) => new Promise((resolve) => server.once("listening", resolve))));
  const needs = [
    { port: first, user: "MongoDB", variable: "PARTAKE_MONGODB_PORT" },
    { port: second, user: "Kafka", variable: "PARTAKE_KAFKA_PORT" },
    { port: free, user: "nobody" },
  ];
  const error: unknown = await requireFreePorts(needs).catch((reason: unknown) => reason);
  for (const server of servers) server.close();
  const text = describeError(error);
  expect(text).toContain(`Ports ${first} (MongoDB), ${second} (Kafka) are taken by another program.`);
  expect(text).toContain("PARTAKE_MONGODB_PORT, PARTAKE_KAFKA_PORT");
  expect(text).not.toContain(String(free));
  expect(text).not.toMatch(/^\s+at /m);
});

test("free ports are free and different", async () => {
  const ports = await freePorts(20);
  expect(new Set(ports).size).toBe(20);
  expect(await Promise.all(ports.map(isPortFree))).not.toContain(false);
});

test.each(["0", "80", "70000", "eighty", "80.5"])("PARTAKE_GATEWAY_PORT=%s is refused", (port) => {
  expect(() => readSettings({ PARTAKE_GATEWAY_PORT: port })).toThrow(`PARTAKE_GATEWAY_PORT is "${port}"`);
});
