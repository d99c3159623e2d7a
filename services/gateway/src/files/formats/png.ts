// PNG (W3C, third edition). Chunks that only describe are left out: text, time and Exif tell where and when a picture was taken.
import type { ByteSource } from "../byte-source.ts";
import { requireModestSize, wrongType } from "./format.ts";

const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
const keptChunks = new Set(
  "IHDR PLTE IDAT IEND tRNS gAMA cHRM sRGB iCCP sBIT bKGD pHYs hIST sPLT cICP mDCV cLLI acTL fcTL fdAT".split(" "),
);
const headerBytes = 8;
const checksumBytes = 4;
const maxChunkBytes = 2 ** 31 - 1;

/** Hands on a PNG without what only describes it, and without whatever follows its end. */
export async function* png(source: ByteSource): AsyncGenerator<Buffer> {
  const start = await source.read(signature.length);
  if (!start.equals(signature)) throw wrongType();
  yield start;
  for (let isFirst = true; ; isFirst = false) {
    const header = await source.read(headerBytes);
    if (header.length < headerBytes) throw wrongType();
    const length = header.readUInt32BE(0);
    const name = header.toString("latin1", 4, 8);
    if (length > maxChunkBytes || isFirst !== (name === "IHDR")) throw wrongType();
    if (isFirst) requireModestSize(readSize(await source.peek(8)));
    if (!keptChunks.has(name)) {
      if (!(await source.skip(length + checksumBytes))) throw wrongType();
      continue;
    }
    yield header;
    if (!(yield* source.pass(length + checksumBytes))) throw wrongType();
    if (name === "IEND") return;
  }
}

function readSize(header: Buffer): { width: number; height: number } {
  if (header.length < 8) throw wrongType();
  return { width: header.readUInt32BE(0), height: header.readUInt32BE(4) };
}
