// The gateway as it runs, but for what a read does not touch: its database, its files and the provider.
import { type Channel, mintServiceTokens, openChannel } from "@partake/rpc";
import { openLog } from "@partake/service";
import { Registry } from "@prometheus-io/client";
import { assemble } from "../../src/assembly.ts";
import { listen } from "../../src/http-server.ts";
import { limitSettings } from "../../src/limits.ts";
import { createHub, hubSettings } from "../../src/live/hub.ts";
import { enforcerOf, readScene, report } from "./scene.ts";

const scene = readScene();
const { origin, gatewayKey } = scene;
const untouched = new Proxy(
  {},
  { get: (_, name) => () => Promise.reject(new Error(`a read does not touch ${String(name)}`)) },
) as never;
const serviceToken = mintServiceTokens({ service: "gateway", privateKey: gatewayKey });
const target = `127.0.0.1:${scene.rpcPort}`;
const projects = openChannel({ owner: "projects", target, serviceToken });
const identity = openChannel({ owner: "identity", target, serviceToken });
const unlimited = { name: "bench", requests: 1_000_000_000, windowSeconds: 3_600 };
const limits = { ...limitSettings({ isDevelopment: false }), address: unlimited, user: unlimited };
const parts = {
  config: {
    origin,
    identityHttpUrl: "http://127.0.0.1:9",
    encryptionKeys: [Buffer.alloc(32).toString("base64")],
    kafkaBrokers: ["127.0.0.1:9"],
  },
  // A line for each request, as in production.
  log: openLog({ logLevel: "info" }, "gateway"),
  store: untouched,
  invoke: ((asked, ...rest) =>
    (asked.owner === "identity" ? identity : projects).call(asked, ...rest)) satisfies Channel["call"],
  enforcer: await enforcerOf(scene),
  metrics: new Registry(),
  clock: { now: () => new Date() },
  newId: (prefix: string) => prefix,
};
const hub = createHub(hubSettings, Date.now);
const { app } = assemble({ parts, hub, files: untouched, limits, privateKey: gatewayKey, trustedProxies: [] });
const { port } = await listen(app, { port: 0, origin });
report({ port });
