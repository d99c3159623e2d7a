import { get, type IncomingMessage } from "node:http";

/** A client of the stream of events. */
export interface Watching {
  status: number;
  headers: IncomingMessage["headers"];
  text(): string;
  events(): { id: string; kind: string; recordId?: string }[];
  lastId(): string | undefined;
  isEnded(): boolean;
  close(): void;
}

/** Opens a stream, and remembers it among those that are to be closed in the end. */
export function watchAt(url: string, headers: Record<string, string>, open: Watching[]): Promise<Watching> {
  return new Promise((resolve, reject) => {
    const request = get(`${url}/events`, { headers }, (response) => {
      let text = "";
      let ended = false;
      response.on("data", (chunk: Buffer) => {
        text += chunk.toString();
      });
      response.on("error", () => undefined);
      response.on("close", () => {
        ended = true;
      });
      const watching: Watching = {
        status: response.statusCode ?? 0,
        headers: response.headers,
        text: () => text,
        events: () => [...text.matchAll(/^data: (.*)$/gm)].map(([, data]) => JSON.parse(data ?? "")),
        lastId: () => [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1],
        isEnded: () => ended,
        close: () => void request.destroy(),
      };
      open.push(watching);
      resolve(watching);
    });
    request.on("error", reject);
  });
}
