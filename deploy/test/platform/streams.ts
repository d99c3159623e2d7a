import { get } from "node:http";

/** A stream of events of somebody who watches, at one gateway. */
export interface OpenStream {
  /** What came. */
  text(): string;
  /** Resolves when it names that id. */
  tells(id: string): Promise<void>;
  close(): void;
}

const patienceMs = 30_000;

/** Resolves when the gateway has opened the stream: from then on it tells what happens. */
export function openStream(origin: string, token: string): Promise<OpenStream> {
  const headers = { authorization: `Bearer ${token}` };
  return new Promise((resolve, reject) => {
    const request = get(`${origin}/events`, { headers, agent: false }, (answer) => {
      let text = "";
      let notice = () => {};
      answer.setEncoding("utf8").on("data", (part: string) => {
        text += part;
        notice();
      });
      answer.on("error", () => undefined);
      if (answer.statusCode !== 200) reject(new Error(`/events answered ${answer.statusCode}`));
      resolve({
        text: () => text,
        tells: (id) =>
          new Promise((told, never) => {
            const timer = setTimeout(() => never(new Error(`the stream never told ${id}: ${text}`)), patienceMs);
            notice = () => {
              if (!text.includes(id)) return;
              clearTimeout(timer);
              told();
            };
            notice();
          }),
        close: () => void request.destroy(),
      });
    });
    request.on("error", reject);
  });
}
