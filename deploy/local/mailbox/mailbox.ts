import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import PostalMime from "postal-mime";
import { SMTPServer, type SMTPServerDataStream, type SMTPServerSession } from "smtp-server";
import { requireFreePorts } from "../processes/ports.ts";
import { answerMailbox } from "./http.ts";
import { createMailStore, type Mail, type MailStore } from "./store.ts";

export type { Mail } from "./store.ts";

export interface Mailbox {
  /** The page and the JSON interface: http://127.0.0.1:8025. */
  url: string;
  /** For SMTP_URL: smtp://127.0.0.1:2525. */
  smtpUrl: string;
  messages(options?: { to?: string }): Mail[];
  stop(): Promise<void>;
}

const largestMailBytes = 10 * 1024 * 1024;
const mostClients = 100;
const mostRecipients = 100;
const closeTimeoutMs = 2_000;

/** A mail server that keeps what it gets, and a page to read it. Port 0 takes a free one. */
export async function startMailbox(options: { httpPort: number; smtpPort: number }): Promise<Mailbox> {
  await requireFreePorts(
    [
      { port: options.smtpPort, user: "the local mail server", variable: "PARTAKE_SMTP_PORT" },
      { port: options.httpPort, user: "the mailbox page", variable: "PARTAKE_MAILBOX_PORT" },
    ].filter((need) => need.port !== 0),
  );
  const store = createMailStore();
  const smtp = createSmtp(store);
  const http = createServer((request, response) => {
    const reply = answerMailbox({ method: request.method, url: request.url, host: request.headers.host, store });
    response.writeHead(reply.status, reply.headers).end(reply.body);
  });
  const smtpPort = await listen(smtp.server as unknown as Server, () => smtp.listen(options.smtpPort, "127.0.0.1"));
  const httpPort = await listen(http, () => http.listen(options.httpPort, "127.0.0.1"));
  return {
    url: `http://127.0.0.1:${httpPort}`,
    smtpUrl: `smtp://127.0.0.1:${smtpPort}`,
    messages: (filter) => store.list(filter),
    async stop() {
      http.closeAllConnections();
      await Promise.all([
        new Promise<void>((resolve) => http.close(() => resolve())),
        new Promise<void>((resolve) => smtp.close(() => resolve())),
      ]);
    },
  };
}

function createSmtp(store: MailStore): SMTPServer {
  const server = new SMTPServer({
    authOptional: true,
    disabledCommands: ["AUTH", "STARTTLS"],
    disableReverseLookup: true,
    size: largestMailBytes,
    maxClients: mostClients,
    closeTimeout: closeTimeoutMs,
    onRcptTo(_address, session, callback) {
      const tooMany = session.envelope.rcptTo.length >= mostRecipients;
      callback(tooMany ? new Error("Too many recipients.") : null);
    },
    onData(stream, session, callback) {
      receive({ stream, session, store }).then(
        () => callback(null),
        (error: Error) => callback(error),
      );
    },
  });
  // A client that hangs up in the middle of a message is its own affair.
  server.on("error", () => {});
  return server;
}

async function receive(parts: {
  stream: SMTPServerDataStream;
  session: SMTPServerSession;
  store: MailStore;
}): Promise<void> {
  const chunks: Buffer[] = [];
  let sizeBytes = 0;
  for await (const chunk of parts.stream as AsyncIterable<Buffer>) {
    sizeBytes += chunk.length;
    if (sizeBytes <= largestMailBytes) chunks.push(chunk);
  }
  if (sizeBytes > largestMailBytes) throw Object.assign(new Error("The message is too large."), { responseCode: 552 });
  const mail = await PostalMime.parse(Buffer.concat(chunks));
  const { mailFrom, rcptTo } = parts.session.envelope;
  parts.store.add({
    to: rcptTo.map((recipient) => recipient.address),
    from: mail.from?.address ?? (mailFrom === false ? "" : mailFrom.address),
    subject: mail.subject ?? "",
    text: mail.text ?? "",
    html: mail.html ?? "",
    messageId: mail.messageId,
  });
}

function listen(server: Server, start: () => void): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.once("listening", () => {
      server.off("error", reject);
      resolve((server.address() as AddressInfo).port);
    });
    start();
  });
}
