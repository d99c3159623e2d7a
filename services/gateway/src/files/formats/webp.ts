// WebP (RFC 9649). Its first bytes tell the whole length, so that what only describes is blanked where it stands.
import type { ByteSource } from "../byte-source.ts";
import { requireModestSize, wrongType } from "./format.ts";

const keptChunks = new Set(["VP8 ", "VP8L", "VP8X", "ALPH", "ANIM", "ANMF", "ICCP"]);
const describingFlags = 0x08 | 0x04;
const blank = Buffer.from("JUNK", "latin1");
const zeros = Buffer.alloc(64 * 1024);

/** Hands on a WebP with Exif, XMP and unknown chunks blanked, and without whatever follows its end. */
export async function* webp(source: ByteSource): AsyncGenerator<Buffer> {
  const header = await source.read(12);
  if (header.length < 12 || header.toString("latin1", 0, 4) !== "RIFF") throw wrongType();
  if (header.toString("latin1", 8, 12) !== "WEBP") throw wrongType();
  yield header;
  let left = header.readUInt32LE(4) - 4;
  for (let isFirst = true; left > 0; isFirst = false) {
    const chunk = await source.read(8);
    if (chunk.length < 8) throw wrongType();
    const name = chunk.toString("latin1", 0, 4);
    const padded = chunk.readUInt32LE(4) + (chunk.readUInt32LE(4) % 2);
    left -= 8 + padded;
    if (left < 0 || (isFirst && !name.startsWith("VP8"))) throw wrongType();
    if (!keptChunks.has(name)) {
      yield* blanked(source, chunk, padded);
      continue;
    }
    if (isFirst) requireModestSize(readSize(name, await source.peek(10)));
    yield chunk;
    const start = isFirst && name === "VP8X" ? await source.read(1) : undefined;
    if (start) yield Buffer.from([(start[0] ?? 0) & ~describingFlags]);
    if (!(yield* source.pass(padded - (start?.length ?? 0)))) throw wrongType();
  }
}

async function* blanked(source: ByteSource, chunk: Buffer, padded: number): AsyncGenerator<Buffer> {
  yield Buffer.concat([blank, chunk.subarray(4)]);
  if (!(await source.skip(padded))) throw wrongType();
  for (let left = padded; left > 0; left -= zeros.length) yield zeros.subarray(0, Math.min(left, zeros.length));
}

function readSize(name: string, start: Buffer): { width: number; height: number } {
  if (start.length < 10) throw wrongType();
  switch (name) {
    case "VP8X":
      return { width: start.readUIntLE(4, 3) + 1, height: start.readUIntLE(7, 3) + 1 };
    case "VP8L": {
      const bits = start.readUInt32LE(1);
      return { width: (bits & 0x3fff) + 1, height: ((bits >>> 14) & 0x3fff) + 1 };
    }
    default:
      return { width: start.readUInt16LE(6) & 0x3fff, height: start.readUInt16LE(8) & 0x3fff };
  }
}
