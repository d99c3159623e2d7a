import type { AddressInfo } from "node:net";
import { SMTPServer } from "smtp-server";

export interface ReceivedMail {
  from: string;
  to: string[];
  /** Headers and body as they came. */
  raw: string;
}

export interface MailServer {
  url: string;
  received: ReceivedMail[];
  /** What it answers to an address or a message from now on; default: accepts. */
  refuse: { rcpt?: number | undefined; data?: number | undefined };
  /** Milliseconds that it thinks about each message. */
  delayMs: number;
  stop(): Promise<void>;
}

/** A real mail server that keeps what it gets and refuses what a test wants refused. */
export async function startMailServer(): Promise<MailServer> {
  const state: MailServer = { url: "", received: [], refuse: {}, delayMs: 0, stop: async () => undefined };
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    onRcptTo: (_address, _session, callback) => callback(refusal(state.refuse.rcpt)),
    onData(stream, session, callback) {
      const chunks: Buffer[] = [];
      stream.on("data", (chunk: Buffer) => chunks.push(chunk));
      stream.on("end", () => {
        const refused = refusal(state.refuse.data);
        if (!refused) {
          const from = session.envelope.mailFrom === false ? "" : session.envelope.mailFrom.address;
          const to = session.envelope.rcptTo.map(({ address }) => address);
          state.received.push({ from, to, raw: Buffer.concat(chunks).toString("utf8") });
        }
        setTimeout(() => callback(refused), state.delayMs);
      });
    },
  });
  server.on("error", () => undefined);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  state.url = `smtp://127.0.0.1:${(server.server.address() as AddressInfo).port}`;
  state.stop = () => new Promise((resolve) => server.close(() => resolve()));
  return state;
}

function refusal(responseCode: number | undefined): Error | null {
  return responseCode === undefined ? null : Object.assign(new Error("marked refusal"), { responseCode });
}

/** A header's value, unfolded. */
export function header({ raw }: ReceivedMail, name: string): string | undefined {
  const head = raw.split("\r\n\r\n")[0] ?? "";
  return new RegExp(`^${name}: (.*)$`, "im").exec(head.replace(/\r\n[ \t]+/g, " "))?.[1];
}
