import { type ClientUnaryCall, credentials, Client as GrpcClient, Metadata, type ServiceError } from "@grpc/grpc-js";
import { codec, type Operation, operations, type ServiceName } from "@partake/contract";
import { asFailure, type Failure, failure } from "@partake/failure";
import type { Outgoing } from "./call.ts";
import * as headers from "./headers.ts";
import type { Observation } from "./observation.ts";
import { serviceConfig } from "./safety.ts";
import { forwardedOf } from "./server-call.ts";
import type { MintServiceToken } from "./service-token.ts";
import { fromStatus } from "./status.ts";
import { startSpan } from "./tracing.ts";

export interface ChannelOptions {
  /** Whose operations are called. */
  owner: ServiceName;
  /** A gRPC target: host:port, `dns:///host:port`, or `ipv4:a:port,b:port`. */
  target: string;
  serviceToken: MintServiceToken;
  observe?: (observation: Observation) => void;
}

/** A way to one service: any of its operations, by name. */
export interface Channel {
  call(operation: Operation, request: object, outgoing?: Outgoing): Promise<object>;
  close(): void;
}

const defaultTimeoutMs = 5_000;
/** The caller must still have time to tell its own client when our answer does not come. */
const marginMs = 25;
const maxMessageBytes = 4 * 1024 * 1024;
const identity = (bytes: Buffer): Buffer => bytes;

/** Opens a channel; it connects at its first call. */
export function openChannel(options: ChannelOptions): Channel {
  const declared = operations.filter(({ owner }) => owner === options.owner);
  const client = new GrpcClient(options.target, credentials.createInsecure(), {
    "grpc.service_config": JSON.stringify(serviceConfig(declared)),
    "grpc.service_config_disable_resolution": 1,
    "grpc.enable_retries": 1,
    "grpc.keepalive_time_ms": 30_000,
    "grpc.keepalive_timeout_ms": 5_000,
    "grpc.keepalive_permit_without_calls": 0,
    "grpc.initial_reconnect_backoff_ms": 100,
    "grpc.max_reconnect_backoff_ms": 3_000,
    "grpc.dns_min_time_between_resolutions_ms": 5_000,
    "grpc.max_receive_message_length": maxMessageBytes,
    "grpc.max_send_message_length": maxMessageBytes,
    "grpc.enable_http_proxy": 0,
    "grpc.enable_channelz": 0,
  });
  return {
    call: (operation, request, outgoing = {}) => observed({ options, client, operation, request, outgoing }),
    close: () => client.close(),
  };
}

interface Attempt {
  options: ChannelOptions;
  client: GrpcClient;
  operation: Operation;
  request: object;
  outgoing: Outgoing;
}

async function observed(attempt: Attempt): Promise<object> {
  const { options, operation, outgoing } = attempt;
  const startedMs = performance.now();
  const traced = startSpan({
    operation,
    kind: "client",
    traceparent: outgoing.traceparent ?? outgoing.on?.traceparent,
  });
  let failed: Failure | undefined;
  try {
    return await send(attempt, traced.traceparent);
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

async function send(
  { options, client, operation, request, outgoing }: Attempt,
  traceparent: string | undefined,
): Promise<object> {
  const deadlineMs = outgoingDeadline(outgoing);
  const signals = [outgoing.on?.signal, outgoing.signal].filter((signal) => signal !== undefined);
  if (signals.some(({ aborted }) => aborted)) throw failure("cancelled", "cancelled");
  const metadata = outgoingMetadata(outgoing, traceparent);
  const token = options.serviceToken();
  metadata.set(headers.SERVICE_TOKEN, typeof token === "string" ? token : await token);
  const bytes = codec(operation.request).encode(request);
  return new Promise((resolve, reject) => {
    const finish = (error: ServiceError | null, answer?: Buffer) => {
      for (const signal of signals) signal.removeEventListener("abort", cancel);
      if (error !== null) return reject(refusedFor(operation, fromStatus(error)));
      resolve(codec(operation.response).decode(answer ?? Buffer.alloc(0)));
    };
    const call: ClientUnaryCall = client.makeUnaryRequest(
      operation.path,
      identity,
      identity,
      bytes,
      metadata,
      { deadline: deadlineMs },
      finish,
    );
    const cancel = () => call.cancel();
    for (const signal of signals) signal.addEventListener("abort", cancel, { once: true });
    if (outgoing.onTold !== undefined) {
      const { onTold } = outgoing;
      call.on("status", ({ metadata: trailer }) => {
        const [version] = trailer.get(headers.GRANTS_VERSION);
        onTold({ grantsVersion: typeof version === "string" ? headers.readVersion(version) : undefined });
      });
    }
  });
}

/** A service that another does not let in is our own mistake: the person in whose name it calls must not be told to log in again. */
function refusedFor({ access }: Operation, failed: Failure): Failure {
  const isOurs =
    access.kind === "services" && (failed.code === "unauthenticated" || failed.reason === "service_not_listed");
  return isOurs ? failure("internal", "service_refused", { cause: failed }) : failed;
}

/** The deadline of the call in whose course this one is made, minus a margin; or the own bound if that is nearer. */
export function outgoingDeadline({ on, timeoutMs }: Outgoing, nowMs = Date.now()): number {
  const ownMs = nowMs + (timeoutMs ?? defaultTimeoutMs);
  if (on === undefined) return ownMs;
  const passedOnMs = on.deadlineMs - marginMs;
  if (passedOnMs <= nowMs) throw failure("deadline_exceeded", "deadline_exceeded");
  return timeoutMs === undefined ? passedOnMs : Math.min(ownMs, passedOnMs);
}

function outgoingMetadata(outgoing: Outgoing, traceparent: string | undefined): Metadata {
  const { on } = outgoing;
  const passedOn = on === undefined ? undefined : forwardedOf(on);
  const userToken = outgoing.userToken ?? passedOn?.userToken;
  const grantsVersion = outgoing.grantsVersion ?? passedOn?.grantsVersion ?? 0;
  const values: [string, string | undefined][] = [
    [headers.AUTHORIZATION, userToken === undefined ? undefined : `Bearer ${userToken}`],
    [headers.REQUEST_ID, outgoing.requestId ?? on?.requestId],
    [headers.TRACEPARENT, traceparent],
    [headers.IDEMPOTENCY_KEY, outgoing.idempotencyKey],
    [headers.IF_MATCH, outgoing.ifMatch === undefined ? undefined : String(outgoing.ifMatch)],
    [headers.GRANTS_VERSION, grantsVersion > 0 ? String(grantsVersion) : undefined],
  ];
  const metadata = new Metadata();
  for (const [name, value] of values) {
    if (value !== undefined) metadata.set(name, value);
  }
  return metadata;
}
