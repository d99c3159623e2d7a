import { Metadata, Server, ServerCredentials, type ServerUnaryCall, type sendUnaryData } from "@grpc/grpc-js";
import { codec, newId, type Operation, operations, type Services, validate } from "@partake/contract";
import { asFailure, type Failure, failure } from "@partake/failure";
import { HealthImplementation } from "grpc-health-check";
import type { Call, Implementation } from "./call.ts";
import { showDuplicates } from "./duplicates.ts";
import type { Enforcer } from "./enforcer.ts";
import * as headers from "./headers.ts";
import { Incoming } from "./incoming.ts";
import type { Observation } from "./observation.ts";
import { ServerCall } from "./server-call.ts";
import { toStatus } from "./status.ts";
import { startSpan } from "./tracing.ts";

export type Implementations = { [S in keyof Services]?: Implementation<S> };

export interface ServeOptions {
  services: Implementations;
  /** 0 lets the system choose. */
  port: number;
  host?: string;
  enforcer: Enforcer;
  observe?: (observation: Observation) => void;
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

type Handler = (request: object, call: Call) => Promise<object>;

const maxMessageBytes = 4 * 1024 * 1024;
const leaveMs = 500;
const defaultConnectionAgeMs = 300_000;
const identity = (bytes: Buffer): Buffer => bytes;

/** Serves proto services over gRPC. Throws where an RPC has no implementation. */
export async function serve(options: ServeOptions): Promise<RpcServer> {
  const server = new Server({
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    "grpc.max_connection_age_ms": options.maxConnectionAgeMs ?? defaultConnectionAgeMs,
    "grpc.max_connection_age_grace_ms": 30_000,
    "grpc.keepalive_time_ms": 60_000,
    "grpc.keepalive_timeout_ms": 10_000,
    "grpc.max_concurrent_streams": 1_000,
    "grpc.enable_channelz": 0,
  });
  const running = new Set<Incoming>();
  for (const [operation, handler] of hostedOperations(options.services)) {
    const definition = { path: operation.path, requestStream: false, responseStream: false };
    const serialisation = {
      requestDeserialize: identity,
      requestSerialize: identity,
      responseDeserialize: identity,
      responseSerialize: identity,
    };
    const answer = answerer({ operation, handler, options, running });
    server.addService({ [operation.name]: { ...definition, ...serialisation } }, { [operation.name]: answer });
  }
  const health = new HealthImplementation({ "": "NOT_SERVING" });
  health.addToServer(server);
  if (options.reflection === true) {
    // Loaded only where it is asked for: it describes every message again, which takes longer than all else of a start.
    const { addReflection } = await import("./reflection.ts");
    addReflection(server, Object.keys(options.services));
  }
  const port = await bind(server, `${options.host ?? "0.0.0.0"}:${options.port}`);
  showDuplicates(server);
  return {
    port,
    setReady: (ready) => health.setStatus("", ready ? "SERVING" : "NOT_SERVING"),
    stop: (timeoutMs) => stop(server, running, timeoutMs),
  };
}

/** Every RPC of a hosted service with its function; one without, or a function without an RPC, is a defect. */
export function hostedOperations(services: Implementations): [Operation, Handler][] {
  return Object.entries(services).flatMap(([service, implementation]) => {
    const declared = operations.filter((operation) => operation.service === service);
    if (declared.length === 0) throw new Error(`no proto service is called ${service}`);
    const functions = implementation as unknown as Record<string, Handler | undefined>;
    const names = declared.map((operation) => methodName(operation));
    const [unknown] = Object.keys(functions).filter((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`${service} declares no RPC ${unknown}`);
    return declared.map((operation): [Operation, Handler] => {
      const handler = functions[methodName(operation)];
      if (typeof handler !== "function") throw new Error(`${operation.path} has no implementation`);
      if (operation.access === undefined) throw new Error(`${operation.path} declares no access`);
      if (operation.requestStream || operation.responseStream)
        throw new Error(`${operation.path} is a stream, which only the gateway serves`);
      return [operation, handler.bind(functions)];
    });
  });
}

/** createProject, of the operation CreateProject. */
export function methodName({ name }: Operation): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}

interface Hosted {
  operation: Operation;
  handler: Handler;
  options: ServeOptions;
  /** The calls that are not answered yet, of the whole server. */
  running: Set<Incoming>;
}

function answerer(hosted: Hosted) {
  const { operation, options } = hosted;
  return (surface: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>): void => {
    const startedMs = performance.now();
    const incoming = new Incoming(surface);
    hosted.running.add(incoming);
    const traced = startSpan({ operation, kind: "server", traceparent: incoming.traceparent });
    const finish = (code: string, failed?: Failure) => {
      hosted.running.delete(incoming);
      traced.end(code);
      options.observe?.({
        side: "server",
        operation,
        code,
        reason: failed?.reason,
        durationMs: performance.now() - startedMs,
        requestId: incoming.requestId,
        traceparent: traced.traceparent,
        cause: failed?.cause,
      });
    };
    const succeed = ({ bytes, grantsVersion }: Answered) => {
      const trailer = grantsVersion === undefined ? undefined : new Metadata();
      trailer?.set(headers.GRANTS_VERSION, String(grantsVersion));
      callback(null, bytes, trailer);
      finish("ok");
    };
    const fail = (thrown: unknown) => {
      const failed = asFailure(thrown);
      callback(toStatus(failed));
      finish(failed.code, failed);
    };
    const answering = answer(hosted, { bytes: surface.request, incoming, traceparent: traced.traceparent });
    incoming.within(answering).then(succeed, fail);
  };
}

interface Asked {
  bytes: Buffer;
  incoming: Incoming;
  traceparent: string | undefined;
}

interface Answered {
  bytes: Buffer;
  grantsVersion: number | undefined;
}

/** Authenticate, decide the access rule, validate, handle, see that a record was decided on, encode: in this order, always. */
async function answer(hosted: Hosted, { bytes, incoming, traceparent }: Asked): Promise<Answered> {
  const { operation, handler, options } = hosted;
  if (incoming.deadlineMs <= Date.now()) throw failure("deadline_exceeded", "deadline_exceeded");
  const authenticated = options.enforcer.authenticate(incoming.credentials);
  const verified = authenticated instanceof Promise ? await authenticated : authenticated;
  const request = decodeRequest(operation, bytes);
  await options.enforcer.authorize({ operation, request, verified });
  const errors = validate(operation.request, request);
  if (errors.length > 0) throw failure("invalid", "invalid_request", { errors });
  if (operation.needsIfMatch && incoming.ifMatch === undefined) {
    throw failure("precondition_required", "if_match_missing");
  }
  const call = new ServerCall({ operation, verified, request, incoming, traceparent });
  const answered = await handler(withId(operation, request), call);
  const mustDecide = operation.access.kind === "permission" && operation.access.record !== undefined;
  if (mustDecide && !call.decided) throw failure("internal", "access_undecided");
  return { bytes: codec(operation.response).encode(answered), grantsVersion: call.newGrantsVersion };
}

/**
 * The id of a new thing, where its client made none. Made behind the request's hash, so that the same request again is the same;
 * its idempotency key then leads to what was made the first time.
 */
function withId({ idPrefix }: Operation, request: object): object {
  if (idPrefix === undefined || ("id" in request && request.id !== "")) return request;
  return { ...request, id: newId(idPrefix, new Date()) };
}

function decodeRequest(operation: Operation, bytes: Buffer): object {
  try {
    return codec(operation.request).decode(bytes);
  } catch (error) {
    throw failure("invalid", "malformed_message", { cause: error });
  }
}

function bind(server: Server, address: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.bindAsync(address, ServerCredentials.createInsecure(), (error, port) =>
      error ? reject(error) : resolve(port),
    );
  });
}

/** What does not end in time is answered as unavailable; a connection that even then stays open is left to the process's end. */
function stop(server: Server, running: ReadonlySet<Incoming>, timeoutMs: number): Promise<void> {
  return new Promise((resolve) => {
    let left: NodeJS.Timeout | undefined;
    const cut = setTimeout(() => {
      for (const incoming of running) incoming.end("unavailable");
      left = setTimeout(resolve, leaveMs);
      server.forceShutdown();
    }, timeoutMs);
    server.tryShutdown(() => {
      clearTimeout(cut);
      clearTimeout(left);
      resolve();
    });
  });
}
