// GIF89a. Comments and foreign application data stay behind; of the latter only looping is kept.
import type { ByteSource } from "../byte-source.ts";
import { requireModestSize, wrongType } from "./format.ts";

const [extension, imageStart, trailer] = [0x21, 0x2c, 0x3b];
const [graphicControl, application] = [0xf9, 0xff];
const loopers = new Set(["NETSCAPE2.0", "ANIMEXTS1.0"]);
const maxBlocks = 100_000;

/** Hands on a GIF without what only describes it, and without whatever follows its end. */
export async function* gif(source: ByteSource): AsyncGenerator<Buffer> {
  const header = await source.read(13);
  if (header.length < 13 || !/^GIF8[79]a$/.test(header.toString("latin1", 0, 6))) throw wrongType();
  requireModestSize({ width: header.readUInt16LE(6), height: header.readUInt16LE(8) });
  yield header;
  yield* passExactly(source, colourTableBytes(header[10]));
  for (let blocks = 0; blocks < maxBlocks; blocks += 1) {
    const [kind] = await source.read(1);
    if (kind === trailer) return yield Buffer.from([trailer]);
    if (kind === imageStart) yield* image(source);
    else if (kind === extension) yield* extensionBlock(source);
    else throw wrongType();
  }
  throw wrongType();
}

async function* image(source: ByteSource): AsyncGenerator<Buffer> {
  const descriptor = await source.read(9);
  if (descriptor.length < 9) throw wrongType();
  yield Buffer.from([imageStart]);
  yield descriptor;
  // The colour table of this image, and the size of its first code.
  yield* passExactly(source, colourTableBytes(descriptor[8]) + 1);
  yield* dataBlocks(source, true);
}

async function* extensionBlock(source: ByteSource): AsyncGenerator<Buffer> {
  const [label] = await source.read(1);
  if (label === undefined) throw wrongType();
  const start = await source.peek(12);
  const isKept = label === graphicControl || (label === application && loopers.has(start.toString("latin1", 1, 12)));
  if (isKept) yield Buffer.from([extension, label]);
  yield* dataBlocks(source, isKept);
}

/** Blocks that begin with their length, to the empty one that ends them. */
async function* dataBlocks(source: ByteSource, isKept: boolean): AsyncGenerator<Buffer> {
  for (;;) {
    const [length] = await source.read(1);
    if (length === undefined) throw wrongType();
    if (isKept) yield Buffer.from([length]);
    if (length === 0) return;
    if (isKept) yield* passExactly(source, length);
    else if (!(await source.skip(length))) throw wrongType();
  }
}

async function* passExactly(source: ByteSource, count: number): AsyncGenerator<Buffer> {
  if (!(yield* source.pass(count))) throw wrongType();
}

function colourTableBytes(flags = 0): number {
  return flags & 0x80 ? 3 * 2 ** ((flags & 7) + 1) : 0;
}
