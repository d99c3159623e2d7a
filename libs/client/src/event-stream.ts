// Server-sent events (HTML standard, section 9.2), read until the caller has enough. A broken stream is taken up again after
// the last event that arrived.
import type { CallOptions } from "./call.ts";
import { outgoingOf, type Request } from "./json-call.ts";
import { Problem } from "./problem.ts";
import type { Route } from "./route.ts";
import type { Transport } from "./transport.ts";

const defaultDelayMs = 1000;
const maxDelayMs = 30_000;
/** Attempts in a row through which nothing came. */
const maxFailures = 10;
const maxSilenceMs = 90_000;
const maxEventCharacters = 1_000_000;

export interface EventStream {
  route: Route;
  request: Request;
  options: CallOptions;
}

export async function* readEvents(transport: Transport, stream: EventStream): AsyncGenerator<unknown> {
  const stop = new AbortController();
  const signal = stream.options.signal ? AbortSignal.any([stream.options.signal, stop.signal]) : stop.signal;
  const options = { ...stream.options, signal };
  const state: State = { lastEventId: options.lastEventId, delayMs: defaultDelayMs, isAlive: false };
  let failures = 0;
  try {
    while (true) {
      state.isAlive = false;
      let fault: unknown = new TypeError("the stream of events ends before anything arrives");
      try {
        for await (const data of readOnce(transport, { ...stream, options }, state)) yield JSON.parse(data);
      } catch (thrown) {
        if (signal.aborted || isFinal(thrown)) throw thrown;
        fault = thrown;
      }
      failures = state.isAlive ? 0 : failures + 1;
      if (failures >= maxFailures) throw fault;
      const delayMs = Math.min(maxDelayMs, state.delayMs * 2 ** failures);
      await transport.wait(delayMs * (0.5 + transport.random() / 2), signal);
    }
  } finally {
    stop.abort();
  }
}

interface State {
  lastEventId: string | undefined;
  delayMs: number;
  /** Whether anything came through the present connection, were it only a comment that keeps it open. */
  isAlive: boolean;
}

/** A refusal that trying again does not change, or data that is no JSON. */
function isFinal(thrown: unknown): boolean {
  if (thrown instanceof Problem) return thrown.status < 500 && thrown.status !== 429;
  return thrown instanceof SyntaxError;
}

async function* readOnce(transport: Transport, stream: EventStream, state: State): AsyncGenerator<string> {
  const outgoing = outgoingOf(stream.route, stream.request, stream.options);
  if (state.lastEventId !== undefined) outgoing.headers["last-event-id"] = state.lastEventId;
  // Repeating is decided by the caller of this function, which knows what arrived.
  outgoing.isRepeatable = false;
  const response = await transport.send(outgoing);
  if (!response.body) return;
  const reader = response.body.getReader();
  const decoder = new TextDecoder();
  const parser = createParser(state);
  try {
    while (true) {
      const { done, value } = await readWithin(reader, maxSilenceMs);
      if (done) return;
      state.isAlive = true;
      yield* parser(decoder.decode(value, { stream: true }));
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

type Reader = ReadableStreamDefaultReader<Uint8Array>;

/** A connection that died without a word is noticed by its silence; it is then at its end. */
async function readWithin(reader: Reader, ms: number): Promise<Awaited<ReturnType<Reader["read"]>>> {
  const timer = setTimeout(() => void reader.cancel().catch(() => undefined), ms);
  try {
    return await reader.read();
  } finally {
    clearTimeout(timer);
  }
}

/** Takes the text as it comes and gives the data of the events that are complete. */
export function createParser(state: Pick<State, "lastEventId" | "delayMs">): (chunk: string) => string[] {
  let rest = "";
  let data: string[] = [];
  let id: string | undefined;
  const take = (line: string): string | undefined => {
    if (line === "") {
      const complete = data;
      data = [];
      if (id !== undefined) state.lastEventId = id;
      return complete.length > 0 ? complete.join("\n") : undefined;
    }
    const { name, value } = splitField(line);
    if (name === "data") data.push(value);
    if (name === "id" && !value.includes("\0")) id = value;
    if (name === "retry" && /^\d{1,6}$/.test(value)) state.delayMs = Math.min(maxDelayMs, Number(value));
    return undefined;
  };
  return (chunk) => {
    const text = rest + chunk;
    if (text.length > maxEventCharacters) throw new RangeError("an event is too long");
    // A carriage return at the end may be the first half of a line break.
    const held = text.endsWith("\r") ? "\r" : "";
    const lines = text.slice(0, text.length - held.length).split(/\r\n|\n|\r/);
    rest = (lines.pop() ?? "") + held;
    return lines.map(take).filter((event) => event !== undefined);
  };
}

function splitField(line: string): { name: string; value: string } {
  const colon = line.indexOf(":");
  if (colon < 0) return { name: line, value: "" };
  const value = line.slice(colon + 1);
  return { name: line.slice(0, colon), value: value.startsWith(" ") ? value.slice(1) : value };
}
