import { createServer } from "node:net";
import { SetupError } from "./setup-error.ts";

/** Listening and closing again is the only test that also sees ports which other users hold. */
export function isPortFree(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = createServer();
    probe.once("error", () => resolve(false));
    probe.listen({ port, host: "127.0.0.1", exclusive: true }, () => probe.close(() => resolve(true)));
  });
}

/** Ports that were free a moment ago, all different: the probes are held open together. */
export async function freePorts(count: number): Promise<number[]> {
  const probes = await Promise.all(Array.from({ length: count }, openProbe));
  const ports = probes.map((probe) => probe.port);
  await Promise.all(probes.map((probe) => probe.close()));
  return ports;
}

export interface PortNeed {
  port: number;
  /** Who wants it, for the message: `MongoDB`. */
  user: string;
  /** The environment variable that moves it. */
  variable?: string;
}

/** Says every taken port at once, so that nobody has to start three times to learn of three. */
export async function requireFreePorts(needs: readonly PortNeed[]): Promise<void> {
  const states = await Promise.all(needs.map(async (need) => ({ need, free: await isPortFree(need.port) })));
  const taken = states.filter((state) => !state.free).map((state) => state.need);
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

function openProbe(): Promise<{ port: number; close(): Promise<void> }> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once("error", reject);
    probe.listen({ port: 0, host: "127.0.0.1" }, () => {
      const address = probe.address();
      if (address === null || typeof address === "string") {
        reject(new Error("A TCP listener has no port."));
        return;
      }
      resolve({ port: address.port, close: () => new Promise((closed) => probe.close(() => closed())) });
    });
  });
}
