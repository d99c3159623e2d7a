// Calls the service's RPC directly, as often as the driver asks.
import { operation } from "@partake/contract";
import { mintServiceTokens, openChannel } from "@partake/rpc";
import { readScene, report } from "./scene.ts";

const scene = readScene();
const serviceToken = mintServiceTokens({ service: "gateway", privateKey: scene.gatewayKey });
const channel = openChannel({ owner: "projects", target: `127.0.0.1:${scene.rpcPort}`, serviceToken });
const getProject = operation("/partake.v1.Projects/GetProject");

process.on("message", async (asked: { calls?: number; workers?: number }) => {
  const { calls = 0, workers = 1 } = asked;
  if (calls === 0) return;
  const work = async () => {
    for (let count = 0; count < calls / workers; count += 1) {
      await channel.call(getProject, { projectId: scene.projectId }, { userToken: scene.token, requestId: "bench" });
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  process.send?.({ done: calls });
});
report({});
