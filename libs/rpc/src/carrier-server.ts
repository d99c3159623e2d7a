import type { ServerDuplexStream } from "@grpc/grpc-js";
import { asFailure, type Failure, failure } from "@partake/failure";
import type { Answering, Outcome } from "./answering.ts";
import type { Enforcer } from "./enforcer.ts";
import { FrameQueue } from "./frame-queue.ts";
import { type AnswerHead, type CallHead, type CallsHead, encodeMessage, type Framed, readCalls } from "./frames.ts";
import * as headers from "./headers.ts";
import type { Hosted } from "./hosted.ts";
import { Incoming, type Surface } from "./incoming.ts";
import { encodeFailure, toStatus } from "./status.ts";
import { texts } from "./unary-surface.ts";

export interface CarrierServerOptions {
  hosted: readonly Hosted[];
  enforcer: Enforcer;
  answering: Answering;
  maxConnectionAgeMs: number;
}

/** The server's end of all carriers. */
export interface CarrierServer {
  serve(stream: Stream): void;
  /** Asks every client to leave, and lets nobody in any more. */
  drain(): void;
}

type Stream = ServerDuplexStream<Buffer, Buffer>;

/** How many calls of one stream may be under way at once, as of one connection's unary calls. */
const callsAtOnce = 1_000;
/**
 * A stream is left and opened anew this often. An old connection is closed only when its streams have ended, and this is how
 * they do; it is also when a client looks whether there are other replicas.
 */
const lifeMs = 15_000;
/** No more calls are read while so much of their answers waits to be written. */
const maxQueuedBytes = 8 * 1024 * 1024;
/** The same bound as for a unary call's answer. */
const maxAnswerBytes = 4 * 1024 * 1024;

interface Parts {
  hosted: ReadonlyMap<string, Hosted>;
  answering: Answering;
  enforcer: Enforcer;
  lifeMs: number;
  left(): void;
}

export function createCarrierServer(options: CarrierServerOptions): CarrierServer {
  const { enforcer, answering, maxConnectionAgeMs } = options;
  const hosted = new Map(options.hosted.map((one) => [one.operation.path, one]));
  const open = new Set<ServedCarrier>();
  let isDraining = false;
  return {
    serve(stream) {
      if (isDraining) return refuse(stream, failure("unavailable", "shutting_down"));
      const shortLife = Math.min(lifeMs, maxConnectionAgeMs / 2);
      const left = () => open.delete(carrier);
      const carrier = new ServedCarrier(stream, { hosted, answering, enforcer, lifeMs: shortLife, left });
      open.add(carrier);
      void carrier.begin();
    },
    drain() {
      isDraining = true;
      for (const carrier of open) carrier.drain();
    },
  };
}

function refuse(stream: Stream, failed: Failure): void {
  stream.emit("error", toStatus(failed));
}

/** One stream of calls. That it may be opened says nothing of the calls in it: each brings its tokens and goes the way of all. */
class ServedCarrier {
  private readonly stream: Stream;
  private readonly parts: Parts;
  private readonly running = new Map<number, Incoming>();
  private readonly queue: FrameQueue<AnswerHead>;
  private readonly life: NodeJS.Timeout;
  private window: number | undefined;
  private draining: true | undefined;
  private hasEnded = false;
  private isGone = false;

  constructor(stream: Stream, parts: Parts) {
    this.stream = stream;
    this.parts = parts;
    this.queue = new FrameQueue({ send: (frames, sent) => this.send(frames, sent) });
    this.life = setTimeout(() => this.drain(), parts.lifeMs);
    const gone = () => this.leave();
    stream.on("cancelled", gone).on("close", gone).on("error", gone);
  }

  async begin(): Promise<void> {
    try {
      const { metadata } = this.stream;
      const verified = await this.parts.enforcer.authenticate({ serviceToken: texts(metadata, headers.SERVICE_TOKEN) });
      if (verified.service === undefined) throw failure("unauthenticated", "token_missing");
    } catch (thrown) {
      refuse(this.stream, asFailure(thrown));
      return;
    }
    if (this.isGone) return;
    this.window = callsAtOnce;
    this.queue.wake();
    this.stream.on("data", (message: Buffer) => this.take(message));
    this.stream.on("end", () => {
      this.hasEnded = true;
      this.endIfDone();
    });
  }

  drain(): void {
    if (this.draining) return;
    this.draining = true;
    if (!this.isGone) this.queue.wake();
  }

  private take(message: Buffer): void {
    if (this.isGone) return;
    try {
      const { head, calls } = readCalls(message);
      for (const number of head.cancelled) this.running.get(number)?.end("cancelled");
      const authorizations = head.users.map((token) => `Bearer ${token}`);
      for (const call of calls) this.start(call, surfaceOf(call.head, head, authorizations));
    } catch {
      // Whoever writes what cannot be read is not let go on: nobody knows what else of it was meant otherwise.
      refuse(this.stream, failure("invalid", "malformed_message"));
      this.leave();
    }
  }

  private start({ head, body }: Framed<CallHead>, surface: Surface): void {
    const { number, operation } = head;
    if (this.running.has(number) || this.running.size >= callsAtOnce) throw new Error("more calls than are allowed");
    const hosted = this.parts.hosted.get(operation);
    if (hosted === undefined) {
      this.answer(number, { failed: failure("internal", "unexpected") });
      return;
    }
    const incoming = new Incoming(surface);
    this.running.set(number, incoming);
    this.parts.answering.answer({ hosted, bytes: body, incoming }, (outcome) => {
      this.running.delete(number);
      this.answer(number, outcome);
    });
  }

  private answer(number: number, outcome: Outcome): void {
    if (this.isGone) return;
    const isTooLarge = "answered" in outcome && outcome.answered.bytes.length > maxAnswerBytes;
    const told = isTooLarge ? { failed: failure("too_large", "message_too_large") } : outcome;
    if ("failed" in told) {
      const body = encodeFailure(told.failed);
      this.queue.add({ head: { number, bytes: body.length, failed: true }, body });
    } else {
      const { bytes: body, grantsVersion } = told.answered;
      this.queue.add({ head: { number, bytes: body.length, grantsVersion }, body });
    }
    if (this.queue.bytes > maxQueuedBytes) this.stream.pause();
  }

  private send(frames: readonly Framed<AnswerHead>[], sent: () => void): void {
    if (this.isGone) return;
    const { window, draining } = this;
    this.window = undefined;
    const head = { window, draining, answers: frames.map((frame) => frame.head) };
    const bodies = frames.map(({ body }) => body);
    this.stream.write(encodeMessage(head, bodies), () => {
      if (this.stream.isPaused() && this.queue.bytes <= maxQueuedBytes) this.stream.resume();
      sent();
      this.endIfDone();
    });
  }

  /** The client has said its last, and heard ours. */
  private endIfDone(): void {
    if (this.hasEnded && !this.isGone && this.running.size === 0 && this.queue.isEmpty) this.stream.end();
  }

  private leave(): void {
    if (this.isGone) return;
    this.isGone = true;
    clearTimeout(this.life);
    this.parts.left();
    for (const incoming of this.running.values()) incoming.cancel();
    this.running.clear();
  }
}

/** The same reading as of a unary call's headers. */
function surfaceOf(head: CallHead, { service }: CallsHead, authorizations: readonly string[]): Surface {
  const { user, grantsVersion, requestId, traceparent, idempotencyKey, ifMatch } = head;
  if (user !== undefined && user >= authorizations.length) throw new Error("a call of a user who is not named");
  return {
    credentials: {
      authorization: user === undefined ? undefined : authorizations[user],
      serviceToken: service,
      grantsVersion: headers.isVersion(grantsVersion) ? grantsVersion : 0,
    },
    requestId: headers.readRequestId(requestId),
    traceparent: headers.readTraceparent(traceparent),
    idempotencyKey: headers.readIdempotencyKey(idempotencyKey),
    ifMatch: headers.isVersion(ifMatch) ? ifMatch : undefined,
    deadlineMs: Date.now() + head.timeoutMs,
    keepsTime: false,
  };
}
