// Calls a service's RPC directly, as often as the driver asks: each call by itself, or all over a shared stream.
import { operation } from "@partake/contract";
import { mintServiceTokens, openChannel } from "@partake/rpc";
import { questionOf, readScene, report } from "./scene.ts";

const scene = readScene();
const serviceToken = mintServiceTokens({ service: "gateway", privateKey: scene.gatewayKey });
const target = `127.0.0.1:${scene.rpcPort}`;
const [alone, carried] = [false, true].map((carries) =>
  openChannel({ owner: "projects", target, serviceToken, carries }),
);
const identity = openChannel({ owner: "identity", target, serviceToken });
const getProject = operation("/partake.v1.Projects/GetProject");
const evaluateAccess = operation("/partake.v1.Identity/EvaluateAccess");
const evaluateAccesses = operation("/partake.v1.Identity/EvaluateAccesses");
const evaluations = Array.from({ length: 100 }, () => questionOf(scene));
const outgoing = { userToken: scene.token, requestId: "bench" };

function callOf(
  carries: boolean | undefined,
  asks: "single" | "batch" | undefined,
): (() => Promise<unknown>) | undefined {
  if (asks === "single") return () => identity.call(evaluateAccess, questionOf(scene), outgoing);
  if (asks === "batch") return () => identity.call(evaluateAccesses, { evaluations }, outgoing);
  const channel = carries ? carried : alone;
  return channel && (() => channel.call(getProject, { projectId: scene.projectId }, outgoing));
}

interface Asked {
  calls?: number;
  workers?: number;
  carries?: boolean;
  asks?: "single" | "batch";
}

process.on("message", async ({ calls = 0, workers = 1, carries, asks }: Asked) => {
  const call = callOf(carries, asks);
  if (calls === 0 || call === undefined) return;
  const work = async () => {
    for (let count = 0; count < calls / workers; count += 1) await call();
  };
  await Promise.all(Array.from({ length: workers }, work));
  process.send?.({ done: calls });
});
report({});
