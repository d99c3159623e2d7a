import { readFile } from "node:fs/promises";
import type { Parts, Running, ServiceDefinition } from "@partake/service";
import { assemble } from "./assembly.ts";
import type { FileStore } from "./files/file-store.ts";
import { openGridFs } from "./files/gridfs.ts";
import { fileDocuments, filePieces, filesUnderWay } from "./files/gridfs-collections.ts";
import { openS3 } from "./files/s3.ts";
import { sweepFiles } from "./files/sweep.ts";
import { listen } from "./http-server.ts";
import { limitSettings } from "./limits.ts";
import { createHub, type Hub, hubSettings } from "./live/hub.ts";
import { madeIds } from "./made-ids.ts";
import { sessions } from "./sessions/session.ts";

const finishMs = 9_000;

/** The gateway: the only service that speaks HTTP with the world. It answers no RPCs. */
export function defineGateway(): ServiceDefinition {
  const hub = createHub(hubSettings, Date.now);
  return {
    name: "gateway",
    collections: [sessions, madeIds, fileDocuments, filePieces, filesUnderWay],
    broadcasts: () => [hub.broadcast],
    background: (parts) => [serveHttp(parts, hub)],
  };
}

async function serveHttp(parts: Parts, hub: Hub): Promise<Running> {
  const { config, store, log, clock } = parts;
  const files = await openFiles(parts);
  const privateKey = await readFile(config.serviceKeyFile, "utf8");
  const limits = limitSettings({ isDevelopment: config.environment === "development" });
  const assembly = assemble({ parts, hub, files, limits, privateKey, trustedProxies: config.trustedProxies });
  const server = await listen(assembly.app, { port: config.httpPort, origin: config.origin });
  const sweeping = sweepFiles({ store, files, log, clock, invoke: parts.invoke });
  log.info({ port: server.port }, "listening");
  return {
    leave: () => server.leave(),
    async stop() {
      // Streams would last as long as their clients like; these come back to another gateway.
      hub.stop();
      await Promise.all([server.stop(finishMs), sweeping.stop()]);
      await assembly.close();
      await files.close();
    },
  };
}

function openFiles({ config }: Parts): Promise<FileStore> {
  if (config.fileStore === "gridfs") {
    return openGridFs({ uri: config.mongodbUri, database: `${config.mongodbDatabasePrefix}_gateway` });
  }
  return openS3({ endpoint: config.s3Endpoint, region: config.s3Region, bucket: config.s3Bucket });
}
