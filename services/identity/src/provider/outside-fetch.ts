import { lookup } from "node:dns";
import { type RequestOptions, request as requestPlain } from "node:http";
import { request as requestSecure } from "node:https";
import { isIP, type LookupFunction } from "node:net";
import { failure } from "@partake/failure";
import { isPublicAddress } from "../domain/network-address.ts";

const longestAnswer = 512 * 1024;
const timeoutMs = 5_000;

export interface OutsideRequest {
  method?: string | undefined;
  headers?: Record<string, string> | undefined;
  body?: string | undefined;
  signal?: AbortSignal | undefined;
}

/**
 * Fetches from a server that somebody else named. The address is checked when the connection is made, so a name cannot lead
 * elsewhere in between; redirects are not followed; the answer is bounded. In development any address is allowed.
 */
export function outsideFetch(options: { isDevelopment: boolean }) {
  const { isDevelopment } = options;
  return async (address: string, init: OutsideRequest = {}): Promise<Response> => {
    const url = new URL(address);
    if (!isDevelopment) checkUrl(url);
    const signal = AbortSignal.any([AbortSignal.timeout(timeoutMs), ...(init.signal ? [init.signal] : [])]);
    const guard = isDevelopment ? {} : { lookup: publicLookup };
    const headers = {
      ...init.headers,
      ...(init.body !== undefined && { "content-length": String(Buffer.byteLength(init.body)) }),
    };
    return await send(url, { method: init.method ?? "GET", headers, signal, ...guard }, init.body);
  };
}

/** Throws for an issuer that production may not call, as far as its text tells; the rest is seen when it is called. */
export function checkUrl(url: URL): void {
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const isNamed = isIP(host) === 0;
  const isLocal = host === "localhost" || host.endsWith(".localhost") || (isNamed && !host.includes("."));
  if (url.protocol !== "https:" || isLocal || (!isNamed && !isPublicAddress(host)))
    throw failure("invalid", "issuer_not_allowed");
}

const publicLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error !== null) return callback(error, "", 0);
    const [first] = addresses;
    const isRefused = first === undefined || addresses.some(({ address }) => !isPublicAddress(address));
    if (isRefused) return callback(failure("invalid", "issuer_not_allowed"), "", 0);
    return options.all === true ? callback(null, addresses) : callback(null, first.address, first.family);
  });
};

function send(url: URL, options: RequestOptions, body: string | undefined): Promise<Response> {
  const { promise, resolve, reject } = Promise.withResolvers<Response>();
  const request = (url.protocol === "https:" ? requestSecure : requestPlain)(
    url,
    { ...options, agent: false },
    (answer) => {
      const chunks: Buffer[] = [];
      let length = 0;
      answer.on("data", (chunk: Buffer) => {
        length += chunk.length;
        if (length > longestAnswer) request.destroy(new Error("the answer is too long"));
        else chunks.push(chunk);
      });
      answer.on("error", reject);
      answer.on("end", () => {
        const headers = Object.entries(answer.headers).flatMap(([name, value]) =>
          value === undefined ? [] : [[name, String(value)] as [string, string]],
        );
        const status = answer.statusCode ?? 502;
        const isBare = status === 204 || status === 304;
        resolve(new Response(isBare ? null : Buffer.concat(chunks), { status, headers }));
      });
    },
  );
  request.on("error", reject);
  request.end(body);
  return promise;
}
