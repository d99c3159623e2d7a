// MP4 (ISO/IEC 14496-12): boxes in boxes. Those that only describe are blanked where they stand, because others refer to places
// in the file; phones write into them where a film was taken.
import type { ByteSource } from "../byte-source.ts";
import { wrongType } from "./format.ts";

const describing = new Set(["udta", "meta", "uuid"]);
const containers = new Set(["moov", "trak", "mdia"]);
const blank = Buffer.from("free", "latin1");
const zeros = Buffer.alloc(64 * 1024);
const maxBoxes = 10_000;
const maxDepth = 4;
/** The table of contents of the longest film that may come. */
const maxTableBytes = 8 * 1024 * 1024;

interface Box {
  type: string;
  headerBytes: number;
  /** Of the whole box; undefined: to the end of the file. */
  bytes: number | undefined;
}

/** Hands on an MP4 whose describing boxes are blank. What does not end with a box is refused. */
export async function* mp4(source: ByteSource): AsyncGenerator<Buffer> {
  for (let count = 0; count < maxBoxes; count += 1) {
    const start = await source.peek(16);
    if (start.length === 0) return;
    const box = readBox(start);
    if (count === 0 && box.type !== "ftyp") throw wrongType();
    if (containers.has(box.type)) yield blankedTable(await readWhole(source, box));
    else if (describing.has(box.type)) yield* blanked(source, box);
    else if (box.bytes !== undefined) yield* passExactly(source, box.bytes);
    else return yield* rest(source);
  }
  throw wrongType();
}

function readBox(start: Buffer): Box {
  if (start.length < 8) throw wrongType();
  const type = start.toString("latin1", 4, 8);
  const size = start.readUInt32BE(0);
  if (size === 0) return { type, headerBytes: 8, bytes: undefined };
  if (size !== 1) return checked({ type, headerBytes: 8, bytes: size });
  if (start.length < 16) throw wrongType();
  return checked({ type, headerBytes: 16, bytes: Number(start.readBigUInt64BE(8)) });
}

function checked(box: Box & { bytes: number }): Box {
  if (box.bytes < box.headerBytes || !Number.isSafeInteger(box.bytes)) throw wrongType();
  return box;
}

async function readWhole(source: ByteSource, { bytes }: Box): Promise<Buffer> {
  if (bytes === undefined || bytes > maxTableBytes) throw wrongType();
  const whole = await source.read(bytes);
  if (whole.length < bytes) throw wrongType();
  return whole;
}

function blankedTable(table: Buffer): Buffer {
  const copy = Buffer.from(table);
  blankInside(copy, { start: readBox(copy).headerBytes, end: copy.length, depth: 1 });
  return copy;
}

function blankInside(table: Buffer, span: { start: number; end: number; depth: number }): void {
  if (span.depth > maxDepth) throw wrongType();
  let at = span.start;
  while (at < span.end) {
    const { type, headerBytes, bytes = span.end - at } = readBox(table.subarray(at, span.end));
    if (at + bytes > span.end) throw wrongType();
    if (containers.has(type)) blankInside(table, { start: at + headerBytes, end: at + bytes, depth: span.depth + 1 });
    if (describing.has(type)) {
      blank.copy(table, at + 4);
      table.fill(0, at + headerBytes, at + bytes);
    }
    at += bytes;
  }
}

async function* blanked(source: ByteSource, box: Box): AsyncGenerator<Buffer> {
  const header = Buffer.from(await source.read(box.headerBytes));
  blank.copy(header, 4);
  yield header;
  if (box.bytes === undefined) throw wrongType();
  const bytes = box.bytes - box.headerBytes;
  if (!(await source.skip(bytes))) throw wrongType();
  for (let left = bytes; left > 0; left -= zeros.length) yield zeros.subarray(0, Math.min(left, zeros.length));
}

async function* passExactly(source: ByteSource, bytes: number): AsyncGenerator<Buffer> {
  if (!(yield* source.pass(bytes))) throw wrongType();
}

async function* rest(source: ByteSource): AsyncGenerator<Buffer> {
  for (let piece = await source.next(); piece !== undefined; piece = await source.next()) yield piece;
}
