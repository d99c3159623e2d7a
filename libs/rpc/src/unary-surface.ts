import type { Metadata, ServerUnaryCall } from "@grpc/grpc-js";
import * as headers from "./headers.ts";
import type { Surface } from "./incoming.ts";

/** What a unary call of gRPC says beside its message. */
export function surfaceOf(call: ServerUnaryCall<Buffer, Buffer>): Surface {
  const { metadata } = call;
  const deadline = call.getDeadline();
  return {
    credentials: {
      authorization: texts(metadata, headers.AUTHORIZATION),
      serviceToken: texts(metadata, headers.SERVICE_TOKEN),
      grantsVersion: headers.readVersion(single(metadata, headers.GRANTS_VERSION)) ?? 0,
    },
    requestId: headers.readRequestId(single(metadata, headers.REQUEST_ID)),
    traceparent: headers.readTraceparent(single(metadata, headers.TRACEPARENT)),
    idempotencyKey: headers.readIdempotencyKey(single(metadata, headers.IDEMPOTENCY_KEY)),
    ifMatch: headers.readVersion(single(metadata, headers.IF_MATCH)),
    deadlineMs: deadline instanceof Date ? deadline.getTime() : deadline,
    keepsTime: true,
  };
}

/** All values, so that the reader can refuse a header that came twice. */
export function texts(metadata: Metadata, name: string): readonly string[] | undefined {
  const values = metadata.get(name);
  return values.length === 0 ? undefined : values.map(String);
}

function single(metadata: Metadata, name: string): string | undefined {
  const [value, second] = metadata.get(name);
  return second === undefined && typeof value === "string" ? value : undefined;
}
