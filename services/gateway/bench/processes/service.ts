// A service with one read, over RPC and over HTTP: the same check and the same record behind both.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { operation, operations } from "@partake/contract";
import { type Implementations, serve } from "@partake/rpc";
import { enforcerOf, readScene, report } from "./scene.ts";

const scene = readScene();
const enforcer = await enforcerOf(scene);
const getProject = operation("/partake.v1.Projects/GetProject");
const description =
  "A walk of an hour, every Tuesday, at the pace of the slowest, whatever the weather is like. ".repeat(4);
const createdAt = "2026-03-02T09:30:00Z";
const project = {
  id: scene.projectId,
  organisationId: scene.organisationId,
  title: "Tuesday walking group",
  description,
  status: "published",
  visibility: "people",
  version: 3,
  createdAt,
};

const refuse = async () => Promise.reject(new Error("not part of the bench"));
const others = operations
  .filter(({ service }) => service === "Projects")
  .map(({ name }) => [name.charAt(0).toLowerCase() + name.slice(1), refuse]);
const services = {
  Projects: { ...Object.fromEntries(others), getProject: async () => project },
} as object as Implementations;
const rpc = await serve({ services, port: 0, host: "127.0.0.1", enforcer });
rpc.setReady(true);

const http = createServer((request, response) => {
  const { authorization } = request.headers;
  const answer = async () => {
    const verified = await enforcer.authenticate({ authorization });
    await enforcer.authorize({
      operation: getProject,
      request: { projectId: request.url?.split("/").at(-1) },
      verified,
    });
    const body = JSON.stringify(project);
    response
      .writeHead(200, { "content-type": "application/json", "content-length": Buffer.byteLength(body) })
      .end(body);
  };
  answer().catch(() => response.writeHead(500).end());
});
http.listen(0, "127.0.0.1", () => report({ rpcPort: rpc.port, httpPort: (http.address() as AddressInfo).port }));
