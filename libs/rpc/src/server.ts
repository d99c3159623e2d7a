import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { HealthImplementation } from "grpc-health-check";
import { type Answering, createAnswering, type Outcome } from "./answering.ts";
import { type CarrierServer, createCarrierServer } from "./carrier-server.ts";

import type { Enforcer } from "./enforcer.ts";
import { CARRY } from "./frames.ts";
import * as headers from "./headers.ts";
import { type Hosted, hostedOperations, type Implementations } from "./hosted.ts";
import { tendSessions } from "./http2-sessions.ts";
import { Incoming } from "./incoming.ts";
import type { Observation } from "./observation.ts";
import { toStatus } from "./status.ts";
import type { Trail } from "./trail.ts";
import { surfaceOf } from "./unary-surface.ts";

export type { Implementations } from "./hosted.ts";

export interface ServeOptions {
  services: Implementations;
  /** 0 lets the system choose. */
  port: number;
  host?: string;
  enforcer: Enforcer;
  observe?: (observation: Observation) => void;
  /** Keeps a line of who looked at personal data, or was refused. */
  trail?: Trail;
  /** Lets anybody list the services; only for development. */
  reflection?: boolean;
  maxConnectionAgeMs?: number;
}

export interface RpcServer {
  readonly port: number;
  /** What the health service answers. A new server is not ready until told. */
  setReady(ready: boolean): void;
  /** Accepts no more calls and lets those in progress end; after the bound they are cut. */
  stop(timeoutMs: number): Promise<void>;
}

const maxMessageBytes = 4 * 1024 * 1024;
/** For the answers that say so to go out before their connections are cut. */
const farewellMs = 50;
const leaveMs = 500;
const defaultConnectionAgeMs = 300_000;
/** Longer than a carrier's life and the longest call that may have begun at its end. */
const connectionGraceMs = 90_000;
const identity = (bytes: Buffer): Buffer => bytes;
const serialisation = {
  requestDeserialize: identity,
  requestSerialize: identity,
  responseDeserialize: identity,
  responseSerialize: identity,
};

/** Serves proto services over gRPC. Throws where an RPC has no implementation. */
export async function serve(options: ServeOptions): Promise<RpcServer> {
  const { enforcer, observe, trail, maxConnectionAgeMs = defaultConnectionAgeMs } = options;
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    "grpc.max_connection_age_ms": maxConnectionAgeMs,
    "grpc.max_connection_age_grace_ms": connectionGraceMs,
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.max_concurrent_streams": 1_000,
    "grpc.enable_channelz": 0,
  });
  const answering = createAnswering({ enforcer, observe, trail });
  const hosted = hostedOperations(options.services);
  for (const one of hosted) {
    const { path, name } = one.operation;
    const definition = { path, requestStream: false, responseStream: false, ...serialisation };
    server.addService({ [name]: definition }, { [name]: unaryAnswerer(one, answering) });
  }
  const carriers = createCarrierServer({ hosted, enforcer, answering, maxConnectionAgeMs });
  const carry = { path: CARRY, requestStream: true, responseStream: true, ...serialisation };
  server.addService({ Carry: carry }, { Carry: carriers.serve });
  const health = new HealthImplementation({ "": "NOT_SERVING" });
  health.addToServer(server);
  if (options.reflection === true) {
    // Loaded only where it is asked for: it describes every message again, which takes longer than all else of a start.
    const { addReflection } = await import("./reflection.ts");
    addReflection(server, Object.keys(options.services));
  }
  const port = await bind(server, `${options.host ?? "0.0.0.0"}:${options.port}`);
  tendSessions(server);
  return {
    port,
    setReady: (ready) => health.setStatus("", ready ? "SERVING" : "NOT_SERVING"),
    stop: (timeoutMs) => stop({ server, answering, carriers }, timeoutMs),
  };
}

function unaryAnswerer(hosted: Hosted, answering: Answering) {
  return (call: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const incoming = new Incoming(surfaceOf(call));
    call.once("cancelled", () => incoming.cancel());
    answering.answer({ hosted, bytes: call.request, incoming }, (outcome) => reply(outcome, callback));
  };
}

function reply(outcome: Outcome, callback: sendUnaryData<Buffer>): void {
  if ("failed" in outcome) {
    callback(toStatus(outcome.failed));
    return;
  }
  const { bytes, grantsVersion } = outcome.answered;
  const trailer = grantsVersion === undefined ? undefined : new Metadata();
  trailer?.set(headers.GRANTS_VERSION, String(grantsVersion));
  callback(null, bytes, trailer);
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

interface Serving {
  server: Server;
  answering: Answering;
  carriers: CarrierServer;
}

/** What does not end in time is answered as unavailable; a connection that even then stays open is left to the process's end. */
function stop({ server, answering, carriers }: Serving, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    let left: NodeJS.Timeout | undefined;
    carriers.drain();
    const cut = setTimeout(() => {
      for (const incoming of answering.running) incoming.end("unavailable");
      left = setTimeout(resolve, leaveMs);
      setTimeout(() => server.forceShutdown(), farewellMs);
    }, timeoutMs);
    server.tryShutdown(() => {
      clearTimeout(cut);
      clearTimeout(left);
      resolve();
    });
  });
}
