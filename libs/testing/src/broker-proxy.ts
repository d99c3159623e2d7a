import { connect, createServer, type Server, type Socket } from "node:net";

/** A broker that can be taken away. Clients see it in its place. */
export interface BrokerProxy {
  broker: string;
  /** Cuts every connection and refuses new ones. */
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
  /** Cuts every connection once. */
  cut(): void;
  /** Keeps connections open and passes nothing on, as a network that drops packets. */
  freeze(frozen: boolean): void;
  close(): Promise<void>;
}

/** Brokers tell clients where they are (Metadata, FindCoordinator); in those answers the proxy puts its own port. */
export async function startBrokerProxy(broker: string): Promise<BrokerProxy> {
  const [host = "", port = ""] = broker.split(":");
  const pairs = new Set<[Socket, Socket]>();
  let frozen = false;
  let server = createServer();
  const listening = await listen(server, 0);
  const advertised = ["127.0.0.1", "localhost", host].map((name) => ({
    from: address(name, Number(port)),
    to: address(name, listening),
  }));

  function accept(client: Socket): void {
    const upstream = connect(Number(port), host);
    const pair: [Socket, Socket] = [client, upstream];
    pairs.add(pair);
    const end = () => {
      pairs.delete(pair);
      for (const socket of pair) socket.destroy();
    };
    for (const socket of pair) socket.setNoDelay(true).on("error", end).on("close", end);
    client.on("data", (bytes: Buffer) => {
      if (!frozen) upstream.write(bytes);
    });
    let rest = Buffer.alloc(0);
    upstream.on("data", (bytes: Buffer) => {
      if (frozen) return;
      rest = Buffer.concat([rest, bytes]);
      while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
        const length = 4 + rest.readInt32BE(0);
        client.write(rewritten(rest.subarray(0, length), advertised));
        rest = rest.subarray(length);
      }
    });
  }

  function cut(): void {
    for (const [client, upstream] of pairs) {
      client.destroy();
      upstream.destroy();
    }
  }

  server.on("connection", accept);
  return {
    broker: `127.0.0.1:${listening}`,
    cut,
    freeze(now) {
      frozen = now;
    },
    async takeAway() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
    async bringBack() {
      server = createServer(accept);
      await listen(server, listening);
    },
    async close() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
  };
}

function listen(server: Server, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, "127.0.0.1", () => {
      const bound = server.address();
      resolve(typeof bound === "object" && bound ? bound.port : port);
    });
  });
}

/** As the Kafka protocol writes them: a length and the host, then the port. */
function address(host: string, port: number): Buffer {
  const bytes = Buffer.alloc(2 + host.length + 4);
  bytes.writeInt16BE(host.length, 0);
  bytes.write(host, 2, "latin1");
  bytes.writeInt32BE(port, 2 + host.length);
  return bytes;
}

function rewritten(frame: Buffer, advertised: readonly { from: Buffer; to: Buffer }[]): Buffer {
  const copy = Buffer.from(frame);
  for (const { from, to } of advertised)
    for (let at = copy.indexOf(from); at !== -1; at = copy.indexOf(from, at + 1)) to.copy(copy, at);
  return copy;
}
