// Calls the service's RPC directly, as often as the driver asks: each call by itself, or all over a shared stream.
import { operation } from "@partake/contract";
import { mintServiceTokens, openChannel } from "@partake/rpc";
import { readScene, report } from "./scene.ts";

const scene = readScene();
const serviceToken = mintServiceTokens({ service: "gateway", privateKey: scene.gatewayKey });
const target = `127.0.0.1:${scene.rpcPort}`;
const [alone, carried] = [false, true].map((carries) =>
  openChannel({ owner: "projects", target, serviceToken, carries }),
);
const getProject = operation("/partake.v1.Projects/GetProject");

process.on("message", async (asked: { calls?: number; workers?: number; carries?: boolean }) => {
  const { calls = 0, workers = 1, carries } = asked;
  const channel = carries ? carried : alone;
  if (calls === 0 || channel === undefined) return;
  const work = async () => {
    for (let count = 0; count < calls / workers; count += 1) {
      await channel.call(getProject, { projectId: scene.projectId }, { userToken: scene.token, requestId: "bench" });
    }
  };
  await Promise.all(Array.from({ length: workers }, work));
  process.send?.({ done: calls });
});
report({});
