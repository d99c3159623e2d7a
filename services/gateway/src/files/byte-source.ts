/** Reads exact numbers of bytes from pieces of any size, keeping no more than was asked for. */
export interface ByteSource {
  /** The next bytes; fewer only at the end. */
  read(count: number): Promise<Buffer>;
  /** The next bytes without taking them; fewer only at the end. */
  peek(count: number): Promise<Buffer>;
  /** Hands the next bytes on as they come. False at the end when there were fewer. */
  pass(count: number): AsyncGenerator<Buffer, boolean>;
  skip(count: number): Promise<boolean>;
  /** The next piece as it came; undefined at the end. */
  next(): Promise<Buffer | undefined>;
  /** Puts bytes back in front. */
  unread(bytes: Buffer): void;
}

const nothing = Buffer.alloc(0);

export function byteSource(pieces: AsyncIterable<Buffer>): ByteSource {
  const iterator = pieces[Symbol.asyncIterator]();
  let held: Buffer = nothing;
  let isAtEnd = false;
  const next = async (): Promise<Buffer | undefined> => {
    if (held.length > 0) {
      const piece = held;
      held = nothing;
      return piece;
    }
    while (!isAtEnd) {
      const result = await iterator.next();
      if (result.done) isAtEnd = true;
      else if (result.value.length > 0) return result.value;
    }
    return undefined;
  };
  const fill = async (count: number): Promise<void> => {
    const collected: Buffer[] = [];
    let size = 0;
    while (size < count) {
      const piece = await next();
      if (piece === undefined) break;
      collected.push(piece);
      size += piece.length;
    }
    held = collected.length === 1 && collected[0] ? collected[0] : Buffer.concat(collected, size);
  };
  const passOn = async function* (count: number): AsyncGenerator<Buffer, boolean> {
    let left = count;
    while (left > 0) {
      const piece = await next();
      if (piece === undefined) return false;
      if (piece.length > left) held = piece.subarray(left);
      yield piece.length > left ? piece.subarray(0, left) : piece;
      left -= Math.min(left, piece.length);
    }
    return true;
  };
  return {
    next,
    pass: passOn,
    async read(count) {
      await fill(count);
      const taken = held.subarray(0, count);
      held = held.subarray(count);
      return taken;
    },
    async peek(count) {
      await fill(count);
      return held.subarray(0, count);
    },
    async skip(count) {
      const passing = passOn(count);
      let step = await passing.next();
      while (!step.done) step = await passing.next();
      return step.value;
    },
    unread(bytes) {
      held = held.length === 0 ? bytes : Buffer.concat([bytes, held]);
    },
  };
}
