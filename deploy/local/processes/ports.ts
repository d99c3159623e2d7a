import { randomInt } from "node:crypto";
import { createServer } from "node:net";
import { setTimeout as sleep } from "node:timers/promises";
import { SetupError } from "../terminal/setup-error.ts";

/** Listening and closing again is the only test that also sees ports which other users hold. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Below the ports that the kernel gives to outgoing connections, which could take a chosen one before its server does. */
const lowestFreePort = 20_000;
const highestFreePort = 32_000;
const triesPerPort = 50;
const pollEveryMs = 250;

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const chosen = new Set<number>();
  for (let tries = 0; chosen.size < count && tries < count * triesPerPort; tries += 1) {
    const port = randomInt(lowestFreePort, highestFreePort);
    if (!chosen.has(port) && (await isPortFree(port))) chosen.add(port);
  }
  if (chosen.size < count) {
    throw new SetupError({
      message: `No ${count} free ports were found between ${lowestFreePort} and ${highestFreePort}.`,
      remedy: "End some of the programs that listen there.",
    });
  }
  return [...chosen];
}

export interface PortNeed {
  port: number;
  /** Who wants it, for the message: `MongoDB`. */
  user: string;
  /** The environment variable that moves it. */
  variable?: string;
}

/**
 * Says every taken port at once, so that nobody has to start three times to learn of three. The servers of a run that
 * was ended a moment ago may still be about to go, which `waitMs` allows for.
 */
export async function requireFreePorts(needs: readonly PortNeed[], options = { waitMs: 0 }): Promise<void> {
  const deadlineMs = Date.now() + options.waitMs;
  let taken = await takenOf(needs);
  while (taken.length > 0 && Date.now() < deadlineMs) {
    await sleep(pollEveryMs);
    taken = await takenOf(taken);
  }
  if (taken.length === 0) return;
  const names = taken.map((need) => `${need.port} (${need.user})`).join(", ");
  const variables = [...new Set(taken.flatMap((need) => need.variable ?? []))];
  throw new SetupError({
    message: `${taken.length === 1 ? "Port" : "Ports"} ${names} ${taken.length === 1 ? "is" : "are"} taken by another program.`,
    remedy: `End that program (find it with: lsof -i :${taken[0]?.port})${
      variables.length > 0 ? `, or choose other ports with ${variables.join(", ")}` : ""
    }. If it is an earlier run of Partake, npm run reset ends it.`,
  });
}

async function takenOf(needs: readonly PortNeed[]): Promise<PortNeed[]> {
  const states = await Promise.all(needs.map(async (need) => ({ need, free: await isPortFree(need.port) })));
  return states.filter((state) => !state.free).map((state) => state.need);
}
