import { credentials, Client as GrpcClient, type ChannelOptions as GrpcOptions } from "@grpc/grpc-js";
import { codec, type Operation, type ServiceName } from "@partake/contract";
import { asFailure, type Failure, failure } from "@partake/failure";
import { resolverOf } from "./addresses.ts";
import type { Outgoing } from "./call.ts";
import { Carriers, maxBackoffMs, minBackoffMs } from "./carriers.ts";
import { maxRequestBytes } from "./frames.ts";
import type { Observation } from "./observation.ts";
import { type Attempted, type Outbound, outboundOf } from "./outbound.ts";
import { createRetries, type Retries } from "./retries.ts";
import type { MintServiceToken } from "./service-token.ts";
import { startSpan } from "./tracing.ts";
import { callUnary } from "./unary.ts";

export interface ChannelOptions {
  /** Whose operations are called. */
  owner: ServiceName;
  /** A gRPC target: host:port, `dns:///host:port`, or `ipv4:a:port,b:port`. */
  target: string;
  serviceToken: MintServiceToken;
  observe?: (observation: Observation) => void;
  /** Whether calls may share a stream, where the other end knows how; or each goes by itself. Default: they may. */
  carries?: boolean;
}

/** A way to one service: any of its operations, by name. */
export interface Channel {
  call(operation: Operation, request: object, outgoing?: Outgoing): Promise<object>;
  /** Opens the shared streams before there are calls; answers how many there are. Without it they open when it gets busy. */
  warm(): Promise<number>;
  /** How many shared streams are open. */
  streams(): number;
  close(): void;
}

const maxMessageBytes = 4 * 1024 * 1024;
const grpcOptions: GrpcOptions = {
  "grpc.keepalive_time_ms": 30_000,
  "grpc.keepalive_timeout_ms": 5_000,
  "grpc.keepalive_permit_without_calls": 0,
  "grpc.initial_reconnect_backoff_ms": minBackoffMs,
  "grpc.max_reconnect_backoff_ms": maxBackoffMs,
  "grpc.dns_min_time_between_resolutions_ms": 5_000,
  "grpc.max_receive_message_length": maxMessageBytes,
  "grpc.max_send_message_length": maxMessageBytes,
  "grpc.enable_http_proxy": 0,
  "grpc.enable_channelz": 0,
  // Calls go round the replicas. Streams to one of them have the same options, or they would need connections of their own.
  "grpc.service_config": JSON.stringify({ loadBalancingConfig: [{ round_robin: {} }] }),
  "grpc.service_config_disable_resolution": 1,
};

/** Opens a channel; it connects at its first call. */
export function openChannel(options: ChannelOptions): Channel {
  const { target, serviceToken, carries = true } = options;
  const client = new GrpcClient(target, credentials.createInsecure(), grpcOptions);
  const resolve = carries ? resolverOf(target) : undefined;
  const carriers = resolve && new Carriers({ resolve, serviceToken, grpc: grpcOptions });
  const retries = createRetries();
  const once = (outbound: Outbound): Promise<Attempted> => {
    const carrier = outbound.bytes.length <= maxRequestBytes ? carriers?.next() : undefined;
    if (carrier === undefined) return callUnary(client, outbound);
    return new Promise((settle) => carrier.carry(outbound, settle));
  };
  return {
    call: (operation, request, outgoing = {}) => observed({ options, once, retries, operation, request, outgoing }),
    warm: async () => (await carriers?.warm()) ?? 0,
    streams: () => carriers?.count ?? 0,
    close: () => {
      carriers?.close();
      client.close();
    },
  };
}

interface Calling {
  options: ChannelOptions;
  once(outbound: Outbound): Promise<Attempted>;
  retries: Retries;
  operation: Operation;
  request: object;
  outgoing: Outgoing;
}

async function observed(calling: Calling): Promise<object> {
  const { options, operation, outgoing } = calling;
  const startedMs = performance.now();
  const traced = startSpan({
    operation,
    kind: "client",
    traceparent: outgoing.traceparent ?? outgoing.on?.traceparent,
  });
  let failed: Failure | undefined;
  try {
    return await send(calling, traced.traceparent);
  } catch (thrown) {
    failed = asFailure(thrown);
    throw failed;
  } finally {
    traced.end(failed?.code ?? "ok");
    options.observe?.({
      side: "client",
      operation,
      code: failed?.code ?? "ok",
      reason: failed?.reason,
      durationMs: performance.now() - startedMs,
      requestId: outgoing.requestId ?? outgoing.on?.requestId ?? "",
      traceparent: traced.traceparent,
      cause: failed?.cause,
    });
  }
}

async function send(calling: Calling, traceparent: string | undefined): Promise<object> {
  const { options, operation, request, outgoing } = calling;
  const token = options.serviceToken();
  const serviceToken = typeof token === "string" ? token : await token;
  const bytes = codec(operation.request).encode(request);
  const outbound = outboundOf({ operation, bytes, outgoing, serviceToken, traceparent });
  if (outbound.signals.some(({ aborted }) => aborted)) throw failure("cancelled", "cancelled");
  const attempted = await calling.retries.attempt(outbound, calling.once);
  if ("failed" in attempted) throw refusedFor(operation, attempted.failed);
  outgoing.onTold?.({ grantsVersion: attempted.grantsVersion });
  return codec(operation.response).decode(attempted.bytes);
}

/** A service that another does not let in is our own mistake: the person in whose name it calls must not be told to log in again. */
function refusedFor({ access }: Operation, failed: Failure): Failure {
  const isOurs =
    access.kind === "services" && (failed.code === "unauthenticated" || failed.reason === "service_not_listed");
  return isOurs ? failure("internal", "service_refused", { cause: failed }) : failed;
}
