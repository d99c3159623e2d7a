// Small files of every kind that may be uploaded, and what else somebody may send under their names.
import { crc32, deflateSync } from "node:zlib";

export function pngFile(options: { text?: string; width?: number; after?: Buffer } = {}): Buffer {
  const { text, width = 1, after = Buffer.alloc(0) } = options;
  const header = Buffer.alloc(13);
  header.writeUInt32BE(width, 0);
  header.writeUInt32BE(1, 4);
  header.set([8, 0, 0, 0, 0], 8);
  const signature = Buffer.from([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]);
  const note =
    text === undefined ? [] : [pngChunk("tEXt", Buffer.from(`Comment\0${text}`)), pngChunk("eXIf", Buffer.from(text))];
  return Buffer.concat([
    signature,
    pngChunk("IHDR", header),
    ...note,
    pngChunk("IDAT", deflateSync(Buffer.alloc(2))),
    pngChunk("IEND", Buffer.alloc(0)),
    after,
  ]);
}

function pngChunk(name: string, data: Buffer): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const chunk = Buffer.alloc(body.length + 8);
  chunk.writeUInt32BE(data.length, 0);
  body.copy(chunk, 4);
  chunk.writeUInt32BE(crc32(body), body.length + 4);
  return chunk;
}

/** A JPEG of one grey pixel; `note` stands in Exif, XMP and a comment, `orientation` in Exif. */
export function jpegFile(options: { note?: string; orientation?: number; after?: Buffer; side?: number } = {}): Buffer {
  const { note, orientation, after = Buffer.alloc(0), side = 1 } = options;
  const tables = Buffer.alloc(65, 1);
  tables[0] = 0;
  const huffman = (id: number) => Buffer.concat([Buffer.from([id, 1, ...Array<number>(15).fill(0)]), Buffer.from([0])]);
  const frame = Buffer.from([8, side >> 8, side & 255, side >> 8, side & 255, 1, 1, 0x11, 0]);
  const described =
    note === undefined
      ? []
      : [
          segment(0xe1, exif(note, orientation ?? 1)),
          segment(0xe1, Buffer.from(`http://ns.adobe.com/xap/1.0/\0${note}`)),
          segment(0xfe, Buffer.from(note)),
        ];
  return Buffer.concat([
    Buffer.from([0xff, 0xd8]),
    segment(0xe0, Buffer.from("JFIF\0\u0001\u0001\0\0\u0001\0\u0001\0\0", "latin1")),
    ...described,
    segment(0xdb, tables),
    segment(0xc0, frame),
    segment(0xc4, huffman(0)),
    segment(0xc4, huffman(0x10)),
    segment(0xda, Buffer.from([1, 1, 0, 0, 63, 0])),
    Buffer.from([0x00, 0xff, 0x00, 0x12, 0xff, 0xd0, 0x34]),
    Buffer.from([0xff, 0xd9]),
    after,
  ]);
}

function segment(marker: number, body: Buffer): Buffer {
  const header = Buffer.from([0xff, marker, 0, 0]);
  header.writeUInt16BE(body.length + 2, 2);
  return Buffer.concat([header, body]);
}

function exif(note: string, orientation: number): Buffer {
  const tiff = Buffer.alloc(26);
  tiff.write("II", 0, "latin1");
  tiff.writeUInt16LE(42, 2);
  tiff.writeUInt32LE(8, 4);
  tiff.writeUInt16LE(1, 8);
  tiff.writeUInt16LE(0x0112, 10);
  tiff.writeUInt16LE(3, 12);
  tiff.writeUInt32LE(1, 14);
  tiff.writeUInt16LE(orientation, 18);
  return Buffer.concat([Buffer.from("Exif\0\0", "latin1"), tiff, Buffer.from(note)]);
}

export const gifFile = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");
export function gifWithComment(comment: string): Buffer {
  const block = Buffer.concat([Buffer.from([0x21, 0xfe, comment.length]), Buffer.from(comment), Buffer.from([0])]);
  return Buffer.concat([gifFile.subarray(0, 19), block, gifFile.subarray(19)]);
}

export const webpFile = Buffer.from("UklGRiIAAABXRUJQVlA4IBYAAAAwAQCdASoBAAEADsD+JaQAA3AAAAAA", "base64");
export function webpWithExif(note: string): Buffer {
  const text = Buffer.from(note.length % 2 ? `${note} ` : note);
  const chunk = Buffer.concat([Buffer.from("EXIF"), Buffer.alloc(4), text]);
  chunk.writeUInt32LE(text.length, 4);
  const whole = Buffer.concat([webpFile, chunk]);
  whole.writeUInt32LE(whole.length - 8, 4);
  return whole;
}

export const pdfFile = Buffer.from("%PDF-1.4\n1 0 obj<<>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n");
export const mp3File = Buffer.concat([
  Buffer.from("ID3\u0004\0\0\0\0\0\0", "latin1"),
  Buffer.from([0xff, 0xfb, 0x90, 0x64]),
  Buffer.alloc(413),
]);
export const oggFile = Buffer.concat([
  Buffer.from("OggS\0\u0002\0\0\0\0\0\0\0\0\u0001\0\0\0\0\0\0\0\0\0\0\0\u0001\u0013OpusHead\u0001\u0001", "latin1"),
  Buffer.alloc(64),
]);
export const m4aFile = boxFile("M4A ");
export const mp4File = boxFile("isom");

function boxFile(brand: string): Buffer {
  return Buffer.concat([
    box("ftyp", Buffer.from(`${brand}\0\0\0\0${brand}`, "latin1")),
    box("moov", box("trak", box("mdia", Buffer.alloc(0)))),
    box("mdat", Buffer.from("film")),
  ]);
}

function box(type: string, body: Buffer): Buffer {
  const header = Buffer.from(`\0\0\0\0${type}`, "latin1");
  header.writeUInt32BE(body.length + 8, 0);
  return Buffer.concat([header, body]);
}

/** A film whose table is in itself, again and again. */
export function deepMp4(depth: number): Buffer {
  let inside: Buffer = Buffer.alloc(0);
  for (let level = 0; level < depth; level += 1) inside = box("trak", inside);
  return Buffer.concat([box("ftyp", Buffer.from("isom\0\0\0\0isom", "latin1")), box("moov", inside)]);
}

/** A film that says where it was taken: in its table, in a track, and beside both. */
export function mp4WithPlace(place: string): Buffer {
  const described = (inside: Buffer[]) => Buffer.concat([...inside, box("udta", box("\u00a9xyz", Buffer.from(place)))]);
  const table = box("moov", described([box("trak", described([box("mdia", Buffer.alloc(0))]))]));
  return Buffer.concat([
    box("ftyp", Buffer.from("isom\0\0\0\0isom", "latin1")),
    table,
    box("meta", Buffer.from(place)),
    box("mdat", Buffer.from("film")),
  ]);
}

/** An archive with its members stored as they are; `unpacked` claims another size. */
export function zipFile(members: Record<string, string>, options: { unpacked?: number; before?: Buffer } = {}): Buffer {
  const parts: Buffer[] = [options.before ?? Buffer.alloc(0)];
  const directory: Buffer[] = [];
  let offset = parts[0]?.length ?? 0;
  for (const [name, text] of Object.entries(members)) {
    const data = Buffer.from(text);
    const shared = Buffer.alloc(26);
    shared.writeUInt16LE(20, 0);
    shared.writeUInt32LE(crc32(data), 10);
    shared.writeUInt32LE(data.length, 14);
    shared.writeUInt32LE(options.unpacked ?? data.length, 18);
    shared.writeUInt16LE(Buffer.byteLength(name), 22);
    const local = Buffer.concat([Buffer.from("PK\u0003\u0004", "latin1"), shared, Buffer.from(name), data]);
    const rest = Buffer.alloc(14);
    rest.writeUInt32LE(offset, 10);
    directory.push(Buffer.concat([Buffer.from("PK\u0001\u0002\u0014\0", "latin1"), shared, rest, Buffer.from(name)]));
    parts.push(local);
    offset += local.length;
  }
  const listed = Buffer.concat(directory);
  const end = Buffer.alloc(22);
  end.write("PK\u0005\u0006", 0, "latin1");
  end.writeUInt16LE(directory.length, 8);
  end.writeUInt16LE(directory.length, 10);
  end.writeUInt32LE(listed.length, 12);
  end.writeUInt32LE(offset, 16);
  return Buffer.concat([...parts, listed, end]);
}

const types = { "[Content_Types].xml": "<Types/>" };
export const docxFile = zipFile({ ...types, "word/document.xml": "<document/>" });
export const xlsxFile = zipFile({ ...types, "xl/workbook.xml": "<workbook/>" });
export const docmFile = zipFile({ ...types, "word/document.xml": "<document/>", "word/vbaProject.bin": "x" });
export const odtFile = zipFile({ mimetype: "application/vnd.oasis.opendocument.text", "content.xml": "<c/>" });
export const plainZip = zipFile({ "a.txt": "a" });
