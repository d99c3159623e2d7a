// Several servers of one service, behind connections that a test can cut.
import { connect, createServer, type Socket } from "node:net";
import { type Implementations, type Observation, type RpcServer, serve } from "@partake/rpc";
import { afterEach } from "vitest";
import { world } from "./ends.ts";

export interface Replica {
  server: RpcServer;
  /** Where clients reach it. */
  port: number;
  /** The calls that it answered. */
  observed: Observation[];
  /** How many connections clients have to it. */
  connections(): number;
  /** Ends its connections without a word, and takes no more. */
  cut(): void;
}

const replicas: Replica[] = [];
afterEach(async () => {
  await Promise.all(
    replicas.splice(0).map(async (replica) => {
      await replica.server.stop(50);
      replica.cut();
    }),
  );
});

export interface ReplicaOptions {
  services: Record<string, object>;
  maxConnectionAgeMs?: number;
}

export async function startReplica({ services, maxConnectionAgeMs }: ReplicaOptions): Promise<Replica> {
  const observed: Observation[] = [];
  const server = await serve({
    services: services as Implementations,
    port: 0,
    host: "127.0.0.1",
    enforcer: world.enforcer,
    observe: (observation) => observed.push(observation),
    ...(maxConnectionAgeMs === undefined ? {} : { maxConnectionAgeMs }),
  });
  const sockets = new Set<Socket>();
  const relay = createServer({ noDelay: true }, (incoming) => {
    const outgoing = connect({ port: server.port, host: "127.0.0.1", noDelay: true });
    for (const socket of [incoming, outgoing]) {
      sockets.add(socket);
      socket
        .on("error", () => undefined)
        .on("close", () => {
          incoming.destroy();
          outgoing.destroy();
          sockets.delete(socket);
        });
    }
    incoming.pipe(outgoing).pipe(incoming);
  });
  await new Promise<void>((resolve) => relay.listen(0, "127.0.0.1", resolve));
  const { port } = relay.address() as { port: number };
  const cut = () => {
    relay.close();
    for (const socket of sockets) socket.destroy();
  };
  const replica = { server, port, observed, cut, connections: () => sockets.size / 2 };
  replicas.push(replica);
  return replica;
}

/** A target that names them all. */
export function targetOf(...all: readonly Replica[]): string {
  return `ipv4:${all.map(({ port }) => `127.0.0.1:${port}`).join(",")}`;
}
