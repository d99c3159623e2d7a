import type { Visitor } from "./visitor.ts";

export interface LiveStream {
  /** The first event that fits, also one that came before; with how long after the call it was there. */
  event(fits: (event: LiveEvent) => boolean): Promise<LiveEvent>;
  /** Everything that came until now. */
  seen(): readonly LiveEvent[];
  close(): void;
}

export interface LiveEvent {
  kind: string;
  recordId?: string;
}

const WAIT_MS = 10_000;

/** A person's live stream: server-sent events (WHATWG HTML, 9.2) of what they may see. */
export async function openStream(origin: string, visitor: Visitor, place: string): Promise<LiveStream> {
  const abort = new AbortController();
  const headers = { authorization: `Bearer ${await visitor.person.token(place)}`, accept: "text/event-stream" };
  const response = await fetch(`${origin}/events`, { headers, signal: abort.signal });
  if (!response.ok || !response.body) throw new Error(`The live stream answered ${response.status}.`);
  const seen: LiveEvent[] = [];
  const waiting = new Set<() => void>();
  void read(response.body, (event) => {
    seen.push(event);
    for (const wake of waiting) wake();
  }).catch(() => undefined);
  return {
    seen: () => seen,
    close: () => abort.abort(),
    event(fits) {
      const { promise, resolve, reject } = Promise.withResolvers<LiveEvent>();
      const timer = setTimeout(() => reject(new Error(`No such event came within ${WAIT_MS} ms.`)), WAIT_MS);
      const look = () => {
        const found = seen.find(fits);
        if (!found) return;
        clearTimeout(timer);
        waiting.delete(look);
        resolve(found);
      };
      waiting.add(look);
      look();
      return promise;
    },
  };
}

async function read(body: ReadableStream<Uint8Array>, take: (event: LiveEvent) => void): Promise<void> {
  const decoder = new TextDecoder();
  let rest = "";
  for await (const chunk of body) {
    rest += decoder.decode(chunk, { stream: true });
    const blocks = rest.split("\n\n");
    rest = blocks.pop() ?? "";
    for (const block of blocks) {
      const data = block
        .split("\n")
        .filter((line) => line.startsWith("data:"))
        .map((line) => line.slice(5).trimStart())
        .join("\n");
      if (data) take(JSON.parse(data) as LiveEvent);
    }
  }
}
