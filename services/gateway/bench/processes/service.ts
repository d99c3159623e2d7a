// A service with one read, over RPC and over HTTP: the same check and the same record behind both. It evaluates access, too.
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { operation, operations, type Services } from "@partake/contract";
import { type Call, type Implementations, serve } from "@partake/rpc";
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

type Question = Pick<Services["Identity"]["evaluateAccess"]["request"], "action" | "resource">;
const decided = ({ action, resource }: Partial<Question>, call: Call) => {
  const { organisationId } = call;
  return { decision: call.may(action?.name ?? "", { organisationId, projectId: resource?.id ?? "" }) };
};
/** As the service: everybody asks about themselves. */
const decideOwn = (call: Call) => {
  const { organisationId, actorId: ownerId } = call;
  call.decide({ organisationId, ownerId });
};
const services = {
  Projects: { ...refusedOf("Projects"), getProject: async () => project },
  Identity: {
    ...refusedOf("Identity"),
    async evaluateAccess(question: Question, call: Call) {
      decideOwn(call);
      return decided(question, call);
    },
    async evaluateAccesses({ evaluations }: { evaluations: Question[] }, call: Call) {
      decideOwn(call);
      return { evaluations: evaluations.map((question) => decided(question, call)) };
    },
  },
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

function refusedOf(name: keyof Services): object {
  const refuse = async () => Promise.reject(new Error("not part of the bench"));
  const all = operations.filter(({ service }) => service === name);
  return Object.fromEntries(all.map(({ name: called }) => [called.charAt(0).toLowerCase() + called.slice(1), refuse]));
}
