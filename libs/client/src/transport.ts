// One call over HTTP: headers, token, attempts. It ends with an answer of success or throws.
import type { CallOptions, ClientOptions, FileToUpload } from "./call.ts";
import { readProblem } from "./problem.ts";
import { delayBeforeRetry, wait } from "./retry.ts";
import type { Route } from "./route.ts";

const defaultTimeoutMs = 30_000;
const defaultRetries = 3;
/** Carries the highest version of grants that was seen, so that no answer is older than what this client knows. */
const grantsHeader = "partake-grants-version";

export interface Outgoing {
  route: Route;
  /** With the query. */
  path: string;
  body?: FileToUpload["body"] | string;
  headers: Record<string, string>;
  options: CallOptions;
  /** False for a body that can be sent only once. */
  isRepeatable: boolean;
  /** A stream stays open for as long as its reader likes. */
  hasDeadline: boolean;
}

export interface Transport {
  send(outgoing: Outgoing): Promise<Response>;
  /** The client's way to wait, for others that repeat. */
  wait: (ms: number, signal: AbortSignal) => Promise<void>;
  random: () => number;
}

export function createTransport(options: ClientOptions): Transport {
  const origin = new URL(options.origin).origin;
  const fetchOne = options.fetch ?? globalThis.fetch.bind(globalThis);
  const random = options.random ?? Math.random;
  const waitFor = options.wait ?? wait;
  let grantsVersion = 0;

  const attempt = async (outgoing: Outgoing, signal: AbortSignal, refresh: boolean): Promise<Response> => {
    const headers = new Headers({ accept: accepted(outgoing.route), ...options.headers?.(), ...outgoing.headers });
    if (options.token) headers.set("authorization", `Bearer ${await options.token({ refresh })}`);
    // A browser's session counts only with a header that no other site's page can send.
    else headers.set("partake-csrf", "1");
    if (grantsVersion > 0) headers.set(grantsHeader, String(grantsVersion));
    const { route, path, body } = outgoing;
    // Node needs to be told that a streamed body is not answered before it ends; browsers ask for the same word.
    const duplex = body instanceof ReadableStream ? { duplex: "half" } : {};
    const init = { method: route.method, headers, signal, ...(body === undefined ? {} : { body }), ...duplex };
    const response = await fetchOne(`${origin}${path}`, init as RequestInit);
    const seen = Number(response.headers.get(grantsHeader) ?? 0);
    if (Number.isSafeInteger(seen) && seen > grantsVersion) grantsVersion = seen;
    return response;
  };

  const send = async (outgoing: Outgoing): Promise<Response> => {
    const signal = deadline(outgoing, options);
    const retries = options.retries ?? defaultRetries;
    let refresh = false;
    let canRefresh = options.token !== undefined && !(outgoing.body instanceof ReadableStream);
    for (let count = 0; ; ) {
      try {
        const response = await attempt(outgoing, signal, refresh);
        if (response.ok) return response;
        if (response.status === 401 && canRefresh) {
          // Once: a second refusal is about the person, not about the token's age.
          canRefresh = false;
          refresh = true;
          await response.body?.cancel();
          continue;
        }
        throw await readProblem(response, Date.now());
      } catch (thrown) {
        const { isRepeatable } = outgoing;
        const delayMs = delayBeforeRetry(thrown, { count, retries, isRepeatable, random });
        if (delayMs === undefined || signal.aborted) throw thrown;
        await waitFor(delayMs, signal);
        count += 1;
        refresh = false;
      }
    }
  };
  return { send, wait: waitFor, random };
}

function accepted(route: Route): string {
  if (route.bytes === "events") return "text/event-stream";
  return route.bytes === "download" ? "*/*" : "application/json";
}

function deadline({ hasDeadline, options: call }: Outgoing, options: ClientOptions): AbortSignal {
  const signals = call.signal ? [call.signal] : [];
  if (hasDeadline) signals.push(AbortSignal.timeout(call.timeoutMs ?? options.timeoutMs ?? defaultTimeoutMs));
  return signals.length === 1 && signals[0] ? signals[0] : AbortSignal.any(signals);
}
