import { type ClientDuplexStream, type Client as GrpcClient, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { failure } from "@partake/failure";
import { FrameQueue } from "./frame-queue.ts";
import { type AnswerHead, CARRY, type CallHead, encodeMessage, type Framed, readAnswers } from "./frames.ts";
import * as headers from "./headers.ts";
import type { Attempted, Outbound } from "./outbound.ts";
import { decodeFailure } from "./status.ts";

/** How a stream ended: its server does not know carriers, or any other way. */
export type CarrierEnd = "unknown" | "lost";

export interface CarrierOptions {
  client: GrpcClient;
  serviceToken: string;
  /** The server has let us in. */
  opened(): void;
  /** No more calls from now on: the server asked for that, or the stream is over. Called once. */
  retired(end: CarrierEnd | undefined): void;
}

interface Pending {
  outbound: Outbound;
  settle(attempted: Attempted): void;
  isSent: boolean;
  sentMs: number;
  parts: Buffer[];
  size: number;
  timer: NodeJS.Timeout;
  cancel: () => void;
}

/** A server that does not let us in by then is asked again later. */
const openMs = 5_000;
const identity = (bytes: Buffer): Buffer => bytes;
/** The same bound as of a unary call's answer. */
const maxAnswerBytes = 4 * 1024 * 1024;

/** The client's end of one stream that carries calls to one server. */
export class Carrier {
  private readonly options: CarrierOptions;
  private readonly stream: ClientDuplexStream<Buffer, Buffer>;
  private readonly pending = new Map<number, Pending>();
  private readonly queue: FrameQueue<CallHead>;
  private cancelled: number[] = [];
  private window = 0;
  private lastNumber = 0;
  private heardMs = 0;
  private isRetired = false;
  private hasSaidAll = false;
  private isOver = false;
  private readonly opening: NodeJS.Timeout;

  constructor(options: CarrierOptions) {
    this.options = options;
    this.queue = new FrameQueue({ send: (frames, sent) => this.send(frames, sent) });
    const metadata = new Metadata();
    metadata.set(headers.SERVICE_TOKEN, options.serviceToken);
    this.stream = options.client.makeBidiStreamRequest(CARRY, identity, identity, metadata, {});
    this.opening = setTimeout(() => this.breakOff(), openMs);
    this.stream.on("data", (message: Buffer) => this.take(message));
    this.stream.on("error", ({ code }: ServiceError) => this.end(code === status.UNIMPLEMENTED ? "unknown" : "lost"));
    this.stream.on("end", () => this.end("lost"));
  }

  /** Whether one more call may go this way. */
  get isFree(): boolean {
    return !this.isRetired && this.pending.size < this.window;
  }

  /** Makes a call, and tells what became of it: always, and once. */
  carry(outbound: Outbound, settle: (attempted: Attempted) => void): void {
    this.lastNumber += 1;
    const number = this.lastNumber;
    const { operation, bytes, signals } = outbound;
    const cancel = () => this.giveUp(number, "cancelled");
    const timer = setTimeout(() => this.giveUp(number, "deadline_exceeded"), outbound.deadlineMs - Date.now());
    const sentMs = performance.now();
    this.pending.set(number, { outbound, settle, timer, cancel, sentMs, isSent: false, parts: [], size: 0 });
    for (const signal of signals) signal.addEventListener("abort", cancel, { once: true });
    const { grantsVersion, requestId, traceparent, idempotencyKey, ifMatch } = outbound;
    const head = { number, bytes: bytes.length, operation: operation.path, timeoutMs: 0 };
    const said = { grantsVersion, requestId, traceparent, idempotencyKey, ifMatch };
    this.queue.add({ head: { ...head, ...said }, body: bytes });
  }

  /** Takes no more calls; ends when those under way have. */
  retire(end?: CarrierEnd): void {
    if (!this.isRetired) {
      this.isRetired = true;
      this.options.retired(end);
    }
    this.leaveIfDone();
  }

  private send(frames: readonly Framed<CallHead>[], sent: () => void): void {
    if (this.isOver) return;
    const users: string[] = [];
    const now = Date.now();
    let service = this.options.serviceToken;
    const kept: Framed<CallHead>[] = [];
    for (const { head, body } of frames) {
      const pending = this.pending.get(head.number);
      // Given up before it was sent.
      if (pending === undefined) continue;
      pending.isSent = true;
      const { deadlineMs, serviceToken, userToken } = pending.outbound;
      service = serviceToken;
      const timeoutMs = Math.max(0, deadlineMs - now);
      kept.push({ head: { ...head, timeoutMs, user: placeOf(userToken, users) }, body });
    }
    const { cancelled } = this;
    this.cancelled = [];
    const head = { service, users, calls: kept.map((frame) => frame.head), cancelled };
    const bodies = kept.map(({ body }) => body);
    this.stream.write(encodeMessage(head, bodies), () => {
      sent();
      this.leaveIfDone();
    });
  }

  private take(message: Buffer): void {
    if (this.isOver) return;
    try {
      const { head, answers } = readAnswers(message);
      this.heardMs = performance.now();
      if (head.window !== undefined && this.window === 0) {
        this.window = head.window;
        clearTimeout(this.opening);
        this.options.opened();
      }
      for (const answer of answers) this.answer(answer);
      if (head.draining) this.retire();
    } catch {
      this.breakOff();
    }
    this.leaveIfDone();
  }

  private answer({ head, body }: Framed<AnswerHead>): void {
    const { number, more, failed, grantsVersion } = head;
    const pending = this.pending.get(number);
    if (pending === undefined) return;
    pending.size += body.length;
    if (pending.size > maxAnswerBytes) throw new Error("an answer longer than any may be");
    if (more) {
      pending.parts.push(body);
      return;
    }
    const bytes = pending.parts.length === 0 ? body : Buffer.concat([...pending.parts, body]);
    const version = headers.isVersion(grantsVersion) ? grantsVersion : undefined;
    const refusal = failed ? (decodeFailure(bytes) ?? failure("internal", "unexpected")) : undefined;
    this.settle(number, refusal ? { failed: refusal, fate: "answered" } : { bytes, grantsVersion: version });
  }

  private giveUp(number: number, code: "cancelled" | "deadline_exceeded"): void {
    const pending = this.pending.get(number);
    if (pending === undefined) return;
    if (pending.isSent) {
      this.cancelled.push(number);
      this.queue.wake();
    }
    this.settle(number, { failed: failure(code, code), fate: pending.isSent ? "lost" : "unsent" });
    // Not a word for as long as the call took: whoever is at the other end may be gone without our being told.
    if (code === "deadline_exceeded" && this.heardMs < pending.sentMs) this.retire();
    this.leaveIfDone();
  }

  private settle(number: number, attempted: Attempted): void {
    const pending = this.pending.get(number);
    if (pending === undefined) return;
    this.pending.delete(number);
    clearTimeout(pending.timer);
    for (const signal of pending.outbound.signals) signal.removeEventListener("abort", pending.cancel);
    pending.settle(attempted);
  }

  private leaveIfDone(): void {
    if (!this.isRetired || this.pending.size > 0 || !this.queue.isIdle || this.hasSaidAll) return;
    this.hasSaidAll = true;
    this.stream.end();
  }

  private breakOff(): void {
    this.stream.cancel();
    this.end("lost");
  }

  /** The stream is over. What was under way may have been done or not; what was not sent was not. */
  private end(end: CarrierEnd): void {
    if (this.isOver) return;
    this.isOver = true;
    this.hasSaidAll = true;
    clearTimeout(this.opening);
    this.retire(end);
    for (const [number, { isSent }] of [...this.pending]) {
      const fate = isSent ? "lost" : "unsent";
      this.settle(number, { failed: failure("unavailable", "service_unreachable"), fate });
    }
  }
}

/** Where a token stands among those of a message; there are as many as the message has different users. */
function placeOf(token: string | undefined, users: string[]): number | undefined {
  if (token === undefined) return undefined;
  const place = users.indexOf(token);
  return place === -1 ? users.push(token) - 1 : place;
}
