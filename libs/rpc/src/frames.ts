// What goes over a carrier: messages that each hold several calls, or several answers. A message stands by itself: it names the
// tokens of its calls, once each, so there is no state between messages that could put one person's token to another's call.
//
//   4 bytes: the length of the head; the head: JSON, which a newer version may add to; the bodies of its frames, one after another

/** The RPC that carries. It is none of the contract: only our own services call it, and every call in it is checked by itself. */
export const CARRY = "/partake.rpc.v1.Carrier/Carry";

/** More than this no message holds. What would not fit goes as a unary call, or in parts. */
export const maxMessageBytes = 256 * 1024;
/** Larger answers are sent in parts of this size, with others' answers in between. */
export const partBytes = 16 * 1024;
/** The largest request that is carried: one part. A request in parts would be taken for several calls. */
export const maxRequestBytes = partBytes;
/** The frames of a message are taken up to this size, so that with one more of any kind and the head it stays below the bound. */
export const batchBytes = 64 * 1024;

/** How one call begins. */
export interface CallHead {
  /** Of this stream, never used twice. */
  number: number;
  bytes: number;
  operation: string;
  timeoutMs: number;
  /** The position of its user's token among `users`. */
  user?: number | undefined;
  grantsVersion?: number | undefined;
  requestId?: string | undefined;
  traceparent?: string | undefined;
  idempotencyKey?: string | undefined;
  ifMatch?: number | undefined;
}

/** The head of a message to the server. */
export interface CallsHead {
  /** The calling service's token. */
  service: string;
  /** The tokens of the users for whom calls are made. */
  users: readonly string[];
  calls: readonly CallHead[];
  /** The calls whose answers nobody waits for any more. */
  cancelled: readonly number[];
}

/** How one answer begins, or goes on. */
export interface AnswerHead {
  number: number;
  bytes: number;
  /** Another part follows. */
  more?: true | undefined;
  /** The body is a failure's. */
  failed?: true | undefined;
  grantsVersion?: number | undefined;
}

/** The head of a message to the client. */
export interface AnswersHead {
  /** In the first message: how many calls may be under way at once. */
  window?: number | undefined;
  answers: readonly AnswerHead[];
  /** No more calls, please: they are carried out still, but the stream is to end. */
  draining?: true | undefined;
}

/** One frame: its head, and the bytes that its head counts. */
export interface Framed<H> {
  head: H;
  body: Buffer;
}

const lengthBytes = 4;

export function encodeMessage(head: object, bodies: readonly Buffer[]): Buffer {
  const text = JSON.stringify(head);
  const headBytes = Buffer.byteLength(text);
  let size = lengthBytes + headBytes;
  for (const body of bodies) size += body.length;
  const message = Buffer.allocUnsafe(size);
  message.writeUInt32BE(headBytes, 0);
  message.write(text, lengthBytes);
  let at = lengthBytes + headBytes;
  for (const body of bodies) {
    message.set(body, at);
    at += body.length;
  }
  return message;
}

/** Reads what a client sent. Throws where it is not of this form. */
export function readCalls(message: Buffer): { head: CallsHead; calls: Framed<CallHead>[] } {
  const { head, at } = readHead(message);
  const { service, users, calls, cancelled } = head as Partial<CallsHead>;
  if (typeof service !== "string" || !isListOf(users, isText) || !isListOf(calls, isCall)) throw malformed();
  if (!isListOf(cancelled, isCount)) throw malformed();
  return { head: { service, users, calls, cancelled }, calls: cut(calls, message, at) };
}

/** Reads what a server sent. Throws where it is not of this form. */
export function readAnswers(message: Buffer): { head: AnswersHead; answers: Framed<AnswerHead>[] } {
  const { head, at } = readHead(message);
  const { window, answers, draining } = head as Partial<AnswersHead>;
  if ((window !== undefined && !isCount(window)) || !isListOf(answers, isFrame)) throw malformed();
  return { head: { window, answers, draining }, answers: cut(answers, message, at) };
}

function readHead(message: Buffer): { head: object; at: number } {
  if (message.length > maxMessageBytes || message.length < lengthBytes) throw malformed();
  const at = lengthBytes + message.readUInt32BE(0);
  if (at > message.length) throw malformed();
  const head: unknown = JSON.parse(message.toString("utf8", lengthBytes, at));
  if (typeof head !== "object" || head === null) throw malformed();
  return { head, at };
}

/** The bodies follow each other and fill the message. */
function cut<H extends { bytes: number }>(heads: readonly H[], message: Buffer, start: number): Framed<H>[] {
  let at = start;
  const frames = heads.map((head) => {
    const body = message.subarray(at, at + head.bytes);
    at += head.bytes;
    return { head, body };
  });
  if (at !== message.length) throw malformed();
  return frames;
}

function isListOf<T>(value: unknown, isOne: (one: unknown) => one is T): value is T[] {
  return Array.isArray(value) && value.every(isOne);
}

function isText(value: unknown): value is string {
  return typeof value === "string";
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function isFrame(value: unknown): value is AnswerHead {
  const { number, bytes } = (value ?? {}) as Partial<AnswerHead>;
  return isCount(number) && isCount(bytes);
}

/** Its texts and versions are read later, by the same rules as a unary call's headers. */
function isCall(value: unknown): value is CallHead {
  if (!isFrame(value)) return false;
  // No call comes in parts: a piece of one must not be carried out as if it were the whole.
  if ("more" in value) return false;
  const { operation, timeoutMs, user, requestId, traceparent, idempotencyKey } = value as Partial<CallHead>;
  if (!isText(operation) || !isCount(timeoutMs) || (user !== undefined && !isCount(user))) return false;
  return isTextIfAny(requestId) && isTextIfAny(traceparent) && isTextIfAny(idempotencyKey);
}

function isTextIfAny(value: unknown): value is string | undefined {
  return value === undefined || typeof value === "string";
}

function malformed(): Error {
  return new Error("not a message of a carrier");
}
