import { connect, createServer, type Socket } from "node:net";

/** A database server whose connections can be cut, or which can be taken away. */
export interface ServerProxy {
  port: number;
  cut(): void;
  takeAway(): Promise<void>;
  bringBack(): Promise<void>;
}

/** A client must use `directConnection=true`: else the server tells it where it really is. */
export async function startProxy(target: { host: string; port: number }): Promise<ServerProxy> {
  const open = new Set<Socket>();
  const server = createServer((client) => {
    const upstream = connect(target.port, target.host);
    const end = () => {
      for (const socket of [client, upstream]) {
        open.delete(socket);
        socket.destroy();
      }
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true).on("error", end).on("close", end);
    }
    client.pipe(upstream);
    upstream.pipe(client);
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const address = server.address();
  const port = typeof address === "object" && address ? address.port : 0;
  const cut = () => {
    for (const socket of open) socket.destroy();
  };
  return {
    port,
    cut,
    async takeAway() {
      const closed = new Promise((resolve) => server.close(resolve));
      cut();
      await closed;
    },
    bringBack: () => listen(port),
  };
}
