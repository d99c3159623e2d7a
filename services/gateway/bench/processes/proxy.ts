// The least that Node needs to pass HTTP on.
import { Agent, createServer, request } from "node:http";
import type { AddressInfo } from "node:net";
import { readScene, report } from "./scene.ts";

const { httpPort = 0 } = readScene();
const agent = new Agent({ keepAlive: true });

const server = createServer((incoming, response) => {
  const { method, url, headers } = incoming;
  const outgoing = request({ host: "127.0.0.1", port: httpPort, method, path: url, headers, agent }, (answer) => {
    response.writeHead(answer.statusCode ?? 502, answer.headers);
    answer.pipe(response);
  });
  outgoing.on("error", () => response.writeHead(502).end());
  incoming.pipe(outgoing);
});
server.listen(0, "127.0.0.1", () => report({ port: (server.address() as AddressInfo).port }));
