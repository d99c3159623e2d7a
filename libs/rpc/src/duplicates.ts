import type { Http2Server, IncomingHttpHeaders, ServerHttp2Stream } from "node:http2";
import type { Server } from "@grpc/grpc-js";
import { AUTHORIZATION } from "./headers.ts";

/**
 * Node keeps the first of several authorization headers and drops the others unseen, so what stands before it in the network
 * could have judged by another one. This shows all of them to whoever reads the metadata, and the enforcer refuses more than one.
 * grpc-js has no way to the headers as they came; its map of HTTP/2 servers is private, and looked for strictly.
 */
export function showDuplicates(server: Server): void {
  const { http2Servers } = server as unknown as { http2Servers?: Map<Http2Server, unknown> };
  if (!(http2Servers instanceof Map) || http2Servers.size === 0)
    throw new Error("grpc-js keeps its servers elsewhere now");
  for (const http2Server of http2Servers.keys()) http2Server.prependListener("stream", restore);
}

function restore(
  _stream: ServerHttp2Stream,
  headers: IncomingHttpHeaders,
  _flags: number,
  raw: readonly string[],
): void {
  const values: string[] = [];
  for (let index = 0; index + 1 < raw.length; index += 2) {
    if (raw[index] === AUTHORIZATION) values.push(raw[index + 1] ?? "");
  }
  if (values.length > 1) (headers as Record<string, string | string[]>)[AUTHORIZATION] = values;
}
