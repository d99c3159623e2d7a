// The end of a ZIP archive (APPNOTE.TXT, 4.3.12 and 4.3.16), which tells what is inside of an office document.
import type { ByteSource } from "../byte-source.ts";
import type { Format } from "./format.ts";
import { wrongType } from "./format.ts";

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const fileSignature = 0x04034b50;
const headerBytes = 30;
const endBytes = 22;
const tailBytes = 512 * 1024;
const maxEntries = 5000;
const maxUnpackedBytes = 500 * 1024 * 1024;
const macros = /vbaproject\.bin$|\.(exe|dll|js|vbs|scr|bat|cmd|com)$/i;

/** What an archive must hold to be that document. */
export interface Document {
  /** Names that must be inside. */
  names: readonly string[];
  /** What the file must begin with inside: the stored `mimetype` of an OpenDocument. */
  mimetype?: string;
}

/** Hands on an archive that is that document and nothing besides: no macros, no bomb, nothing before it or after it. */
export function zipDocument(document: Document): Format {
  return async function* (source: ByteSource) {
    const start = await source.peek(200);
    if (start.length < headerBytes || start.readUInt32LE(0) !== fileSignature) throw wrongType();
    if (document.mimetype !== undefined && !beginsWith(start, document.mimetype)) throw wrongType();
    let tail: Buffer = Buffer.alloc(0);
    let size = 0;
    for (let piece = await source.next(); piece !== undefined; piece = await source.next()) {
      size += piece.length;
      tail = Buffer.concat([tail, piece]).subarray(-tailBytes);
      yield piece;
    }
    const names = readDirectory(tail, size);
    if (!document.names.every((name) => names.has(name))) throw wrongType();
  };
}

/** An OpenDocument's first member is called `mimetype`, and is neither packed nor preceded by anything. (ODF 1.3, part 2, 3.3) */
function beginsWith(start: Buffer, mimetype: string): boolean {
  const member = start.toString("latin1", headerBytes, headerBytes + "mimetype".length + mimetype.length);
  return (
    start.readUInt16LE(8) === 0 &&
    start.readUInt16LE(26) === "mimetype".length &&
    start.readUInt16LE(28) === 0 &&
    member === `mimetype${mimetype}`
  );
}

/** Whether a file that says to be something else ends in an archive, so that other programs would unpack it. */
export function endsInArchive(tail: Buffer): boolean {
  for (let at = tail.length - endBytes; at >= 0; at -= 1) {
    if (tail.readUInt32LE(at) === endSignature && tail.readUInt16LE(at + 20) === tail.length - at - endBytes)
      return true;
  }
  return false;
}

function readDirectory(tail: Buffer, size: number): Set<string> {
  const end = tail.length - endBytes;
  if (end < 0 || tail.readUInt32LE(end) !== endSignature) throw wrongType();
  const entries = tail.readUInt16LE(end + 10);
  const directoryBytes = tail.readUInt32LE(end + 12);
  const isWhole = tail.readUInt32LE(end + 16) + directoryBytes + endBytes === size && directoryBytes <= end;
  if (!isWhole || entries > maxEntries) throw wrongType();
  const names = new Set<string>();
  let at = end - directoryBytes;
  let unpackedBytes = 0;
  for (let index = 0; index < entries; index += 1) {
    if (at + 46 > end || tail.readUInt32LE(at) !== entrySignature) throw wrongType();
    const nameBytes = tail.readUInt16LE(at + 28);
    const name = tail.toString("utf8", at + 46, at + 46 + nameBytes);
    unpackedBytes += tail.readUInt32LE(at + 24);
    if (macros.test(name) || unpackedBytes > maxUnpackedBytes) throw wrongType();
    names.add(name);
    at += 46 + nameBytes + tail.readUInt16LE(at + 30) + tail.readUInt16LE(at + 32);
  }
  if (at !== end) throw wrongType();
  return names;
}
