import type { Http2Server, IncomingHttpHeaders, ServerHttp2Session, ServerHttp2Stream } from "node:http2";
import type { Server } from "@grpc/grpc-js";
import { AUTHORIZATION } from "./headers.ts";

/**
 * Two things that grpc-js leaves undone with the HTTP/2 sessions of a server. It has no way to them; its map of HTTP/2 servers is
 * private, and looked for strictly.
 */
export function tendSessions(server: Server): void {
  const { http2Servers } = server as unknown as { http2Servers?: Map<Http2Server, unknown> };
  if (!(http2Servers instanceof Map) || http2Servers.size === 0)
    throw new Error("grpc-js keeps its servers elsewhere now");
  for (const http2Server of http2Servers.keys()) {
    http2Server.prependListener("stream", showDuplicates);
    http2Server.prependListener("session", farewellOnce);
  }
}

/**
 * Node keeps the first of several authorization headers and drops the others unseen, so what stands before it in the network
 * could have judged by another one. This shows all of them to whoever reads the metadata, and the enforcer refuses more than one.
 */
function showDuplicates(
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

/**
 * A connection that grows too old when its server stops would be told twice to leave; in a busy process, where both words go out
 * together, with a higher stream the second time. That is a protocol error (RFC 9113, section 6.8): the client breaks the connection
 * off, with every call that is under way on it.
 */
function farewellOnce(session: ServerHttp2Session): void {
  const goaway = session.goaway.bind(session);
  let isSaid = false;
  session.goaway = (...said) => {
    if (isSaid) return;
    // Before it closes a session may be warned; the word with which it closes is the last.
    isSaid = session.closed;
    goaway(...said);
  };
}
