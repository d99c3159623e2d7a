// A stream of calls as anybody on the network could write it, by hand.
import { credentials, Client as GrpcClient, Metadata, type ServiceError, type StatusObject } from "@grpc/grpc-js";
import { type AnswerHead, CARRY, type CallHead, encodeMessage, readAnswers } from "../src/frames.ts";
import { decodeFailure } from "../src/status.ts";
import { server, world } from "./ends.ts";

export interface RawAnswer {
  head: AnswerHead;
  /** "ok", or the failure's code and reason. */
  outcome: string;
}

export interface RawCarrier {
  /** Sends a message; bodies belong to its calls. */
  send(head: object, ...bodies: Buffer[]): void;
  sendBytes(bytes: Buffer): void;
  /** The answers that came, by number. */
  answers: Map<number, RawAnswer>;
  isDraining(): boolean;
  /** How the stream ended: the status' code. */
  ended: Promise<number>;
  close(): void;
}

const same = (bytes: Buffer) => bytes;

export function openRaw(headers: Record<string, string>): RawCarrier {
  const client = new GrpcClient(`127.0.0.1:${server?.port}`, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const stream = client.makeBidiStreamRequest(CARRY, same, same, metadata, {});
  const answers = new Map<number, RawAnswer>();
  let isDraining = false;
  stream.on("data", (message: Buffer) => {
    const read = readAnswers(message);
    isDraining ||= read.head.draining === true;
    for (const { head, body } of read.answers) {
      const failed = head.failed ? decodeFailure(body) : undefined;
      answers.set(head.number, { head, outcome: failed ? `${failed.code} ${failed.reason}` : "ok" });
    }
  });
  const ended = new Promise<number>((resolve) => {
    stream.on("error", (error: ServiceError) => resolve(error.code));
    stream.on("status", ({ code }: StatusObject) => resolve(code));
  });
  return {
    send: (head, ...bodies) => stream.write(encodeMessage(head, bodies)),
    sendBytes: (bytes) => stream.write(bytes),
    answers,
    isDraining: () => isDraining,
    ended,
    close: () => {
      stream.cancel();
      client.close();
    },
  };
}

/** The header with which one of our own services opens a stream. */
export async function asService(name = "gateway"): Promise<Record<string, string>> {
  return { "partake-service-token": await world.serviceToken(name)() };
}

export function callHead(number: number, operation: string, more: Partial<CallHead> = {}): CallHead {
  return { number, operation, bytes: 0, timeoutMs: 5_000, ...more };
}
