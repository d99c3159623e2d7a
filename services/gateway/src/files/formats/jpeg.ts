// JPEG (ITU-T T.81). Only the segments that a decoder needs are handed on. Exif, XMP, IPTC and comments stay behind, with the
// place, the camera's number and the thumbnail of what was cropped away; of Exif only the orientation is kept.
import type { ByteSource } from "../byte-source.ts";
import { requireModestSize, wrongType } from "./format.ts";

const [startOfImage, endOfImage, startOfScan, app0, app1, app2, app14] = [0xd8, 0xd9, 0xda, 0xe0, 0xe1, 0xe2, 0xee];
/** Quantisation and Huffman tables, arithmetic conditioning, restart interval, number of lines, hierarchy. */
const tables = new Set([0xc4, 0xcc, 0xdb, 0xdc, 0xdd, 0xde, 0xdf]);
const exifHeader = Buffer.from("Exif\0\0", "latin1");
const profileHeader = Buffer.from("ICC_PROFILE\0", "latin1");
const orientationTag = 0x0112;
const maxSegments = 1000;

/** Hands on a JPEG without what only describes it, and without whatever follows its end. */
export async function* jpeg(source: ByteSource): AsyncGenerator<Buffer> {
  const start = await source.read(2);
  if (start[0] !== 0xff || start[1] !== startOfImage) throw wrongType();
  yield start;
  let hasFrame = false;
  for (let segments = 0; segments < maxSegments; segments += 1) {
    const marker = await readMarker(source);
    if (marker === endOfImage) {
      if (!hasFrame) throw wrongType();
      yield Buffer.from([0xff, marker]);
      return;
    }
    const body = await readSegment(source);
    if (isFrame(marker)) {
      requireModestSize(readSize(body));
      hasFrame = true;
    }
    if (marker === startOfScan && !hasFrame) throw wrongType();
    const kept = keptPart(marker, body);
    if (kept) yield segment(marker, kept);
    if (marker === startOfScan) yield* scanData(source);
  }
  throw wrongType();
}

async function readMarker(source: ByteSource): Promise<number> {
  const [prefix] = await source.read(1);
  if (prefix !== 0xff) throw wrongType();
  for (let fill = 0; fill < 16; fill += 1) {
    const [marker] = await source.read(1);
    if (marker === undefined || marker === 0) throw wrongType();
    if (marker !== 0xff) return marker;
  }
  throw wrongType();
}

async function readSegment(source: ByteSource): Promise<Buffer> {
  const size = await source.read(2);
  const length = size.length === 2 ? size.readUInt16BE(0) - 2 : -1;
  if (length < 0) throw wrongType();
  const body = await source.read(length);
  if (body.length < length) throw wrongType();
  return body;
}

function isFrame(marker: number): boolean {
  return marker >= 0xc0 && marker <= 0xcf && !tables.has(marker) && marker !== 0xc8;
}

function readSize(frame: Buffer): { width: number; height: number } {
  if (frame.length < 6) throw wrongType();
  // Zero lines: a later segment tells how many. Nothing that people use writes that.
  return { height: frame.readUInt16BE(1), width: frame.readUInt16BE(3) };
}

function keptPart(marker: number, body: Buffer): Buffer | undefined {
  if (isFrame(marker) || tables.has(marker) || marker === startOfScan) return body;
  if (marker === app0 || marker === app14) return body;
  if (marker === app2 && body.subarray(0, profileHeader.length).equals(profileHeader)) return body;
  if (marker === app1 && body.subarray(0, exifHeader.length).equals(exifHeader)) {
    const orientation = readOrientation(body.subarray(exifHeader.length));
    return orientation === undefined ? undefined : exifOf(orientation);
  }
  return undefined;
}

/** The data of a scan up to the next marker that is neither a stuffed zero nor a restart. */
async function* scanData(source: ByteSource): AsyncGenerator<Buffer> {
  for (;;) {
    const piece = await source.next();
    if (piece === undefined) throw wrongType();
    const end = endOfScan(piece);
    if (end === piece.length) {
      yield piece;
      continue;
    }
    if (end > 0) yield piece.subarray(0, end);
    if (end < piece.length - 1) return source.unread(piece.subarray(end));
    // A 0xff that ends the piece: what it means is in the next one.
    const following = await source.next();
    if (following === undefined) throw wrongType();
    source.unread(Buffer.concat([piece.subarray(end), following]));
    if (isMarker(following[0])) return;
  }
}

/** Where the scan ends in a piece: at a marker, or at a last byte that may begin one; else the piece's length. */
function endOfScan(piece: Buffer): number {
  let at = piece.indexOf(0xff);
  while (at !== -1) {
    if (at === piece.length - 1 || isMarker(piece[at + 1])) return at;
    at = piece.indexOf(0xff, at + 1);
  }
  return piece.length;
}

function isMarker(code: number | undefined): boolean {
  return code !== undefined && code !== 0 && code !== 0xff && !(code >= 0xd0 && code <= 0xd7);
}

function segment(marker: number, body: Buffer): Buffer {
  const header = Buffer.from([0xff, marker, 0, 0]);
  header.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([header, body]);
}

/** The orientation (1 to 8) in the first directory of a TIFF header. (Exif 2.32, 4.6) */
function readOrientation(tiff: Buffer): number | undefined {
  if (tiff.length < 14) return undefined;
  const isLittle = tiff.toString("latin1", 0, 2) === "II";
  const short = (at: number) => (isLittle ? tiff.readUInt16LE(at) : tiff.readUInt16BE(at));
  const directory = isLittle ? tiff.readUInt32LE(4) : tiff.readUInt32BE(4);
  if (directory + 2 > tiff.length) return undefined;
  const entries = Math.min(short(directory), 512);
  for (let index = 0; index < entries; index += 1) {
    const at = directory + 2 + index * 12;
    if (at + 12 > tiff.length) return undefined;
    if (short(at) !== orientationTag) continue;
    const value = short(at + 8);
    return value >= 1 && value <= 8 ? value : undefined;
  }
  return undefined;
}

/** A whole Exif segment that says the orientation and nothing else. */
function exifOf(orientation: number): Buffer {
  const tiff = Buffer.alloc(26);
  tiff.write("MM", 0, "latin1");
  tiff.writeUInt16BE(42, 2);
  tiff.writeUInt32BE(8, 4);
  tiff.writeUInt16BE(1, 8);
  tiff.writeUInt16BE(orientationTag, 10);
  tiff.writeUInt16BE(3, 12);
  tiff.writeUInt32BE(1, 14);
  tiff.writeUInt16BE(orientation, 18);
  return Buffer.concat([exifHeader, tiff]);
}
