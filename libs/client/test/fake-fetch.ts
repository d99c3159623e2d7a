// A `fetch` that answers from a list and keeps what it was asked.

export interface Asked {
  url: string;
  method: string;
  headers: Headers;
  body: unknown;
}

export type Answer = Response | Error | ((asked: Asked) => Response);

export function fakeFetch(answers: Answer[]): { fetch: typeof globalThis.fetch; asked: Asked[] } {
  const asked: Asked[] = [];
  const waiting = [...answers];
  const fetch: typeof globalThis.fetch = async (input, init) => {
    init?.signal?.throwIfAborted();
    const one = {
      url: String(input),
      method: init?.method ?? "GET",
      headers: new Headers(init?.headers),
      body: init?.body,
    };
    asked.push(one);
    const answer = waiting.shift();
    if (answer === undefined) throw new Error("nothing more was to be asked");
    if (answer instanceof Error) throw answer;
    return typeof answer === "function" ? answer(one) : answer;
  };
  return { fetch, asked };
}

export function json(value: unknown, init: ResponseInit = {}): Response {
  return new Response(JSON.stringify(value), {
    ...init,
    headers: { "content-type": "application/json", ...init.headers },
  });
}

export function problem(status: number, fields: object = {}, headers: Record<string, string> = {}): Response {
  const document = {
    type: "urn:x",
    title: "T",
    status,
    code: "some_code",
    reason: "some_reason",
    requestId: "r1",
    ...fields,
  };
  return new Response(JSON.stringify(document), {
    status,
    headers: { "content-type": "application/problem+json", ...headers },
  });
}

export function eventStream(...chunks: string[]): Response {
  const encoder = new TextEncoder();
  const body = new ReadableStream<Uint8Array>({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(encoder.encode(chunk));
      controller.close();
    },
  });
  return new Response(body, { headers: { "content-type": "text/event-stream" } });
}
