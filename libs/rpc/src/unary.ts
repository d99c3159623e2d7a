import { type ClientUnaryCall, type Client as GrpcClient, Metadata, type ServiceError } from "@grpc/grpc-js";
import * as headers from "./headers.ts";
import type { Attempted, Outbound } from "./outbound.ts";
import { fromStatus } from "./status.ts";

const identity = (bytes: Buffer): Buffer => bytes;
const noBytes = Buffer.alloc(0);

/** Makes a call as plain unary gRPC. Never rejects. */
export function callUnary(client: GrpcClient, outbound: Outbound): Promise<Attempted> {
  const { operation, bytes, deadlineMs, signals } = outbound;
  return new Promise((resolve) => {
    let [error, answer]: [ServiceError | null, Buffer] = [null, noBytes];
    const call: ClientUnaryCall = client.makeUnaryRequest(
      operation.path,
      identity,
      identity,
      bytes,
      metadataOf(outbound),
      { deadline: deadlineMs },
      (refused, given = noBytes) => {
        [error, answer] = [refused, given];
      },
    );
    const cancel = () => call.cancel();
    for (const signal of signals) signal.addEventListener("abort", cancel, { once: true });
    // Comes once, after the message or the error, with what the answer tells besides.
    call.once("status", ({ metadata: trailer }) => {
      for (const signal of signals) signal.removeEventListener("abort", cancel);
      if (error !== null) return resolve(failedWith(error));
      const [version] = trailer.get(headers.GRANTS_VERSION);
      const grantsVersion = typeof version === "string" ? headers.readVersion(version) : undefined;
      resolve({ bytes: answer, grantsVersion });
    });
  });
}

/** A server that is leaving refuses new streams: whatever was asked for was not begun. (RFC 9113, section 8.7) */
const refusedStream = "Stream refused by server";

function failedWith(error: ServiceError): Attempted {
  const failed = fromStatus(error);
  if (failed.reason !== "service_unreachable") return { failed, fate: "answered" };
  return { failed, fate: error.details === refusedStream ? "unsent" : "lost" };
}

function metadataOf(outbound: Outbound): Metadata {
  const { userToken, grantsVersion, ifMatch } = outbound;
  const values: [string, string | undefined][] = [
    [headers.AUTHORIZATION, userToken === undefined ? undefined : `Bearer ${userToken}`],
    [headers.SERVICE_TOKEN, outbound.serviceToken],
    [headers.REQUEST_ID, outbound.requestId],
    [headers.TRACEPARENT, outbound.traceparent],
    [headers.IDEMPOTENCY_KEY, outbound.idempotencyKey],
    [headers.IF_MATCH, ifMatch === undefined ? undefined : String(ifMatch)],
    [headers.GRANTS_VERSION, grantsVersion === undefined ? undefined : String(grantsVersion)],
  ];
  const metadata = new Metadata();
  for (const [name, value] of values) {
    if (value !== undefined) metadata.set(name, value);
  }
  return metadata;
}
