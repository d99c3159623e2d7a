import { failure } from "@partake/failure";
import { fileTypeFromBuffer } from "file-type";
import type { ByteSource } from "./byte-source.ts";
import { type Format, wrongType } from "./formats/format.ts";
import { gif } from "./formats/gif.ts";
import { jpeg } from "./formats/jpeg.ts";
import { mp4 } from "./formats/mp4.ts";
import { png } from "./formats/png.ts";
import { text } from "./formats/text.ts";
import { webp } from "./formats/webp.ts";
import { endsInArchive, zipDocument } from "./formats/zip.ts";

/** A type of file that may be uploaded. What is not in the table is refused: HTML, SVG and programs above all. */
export interface MediaType {
  name: string;
  extension: string;
  format: Format;
}

const lookBytes = 8192;
const tailBytes = 66 * 1024;

const officeOpen = "application/vnd.openxmlformats-officedocument";
const parts = "[Content_Types].xml";
const openText = "application/vnd.oasis.opendocument.text";

const mediaTypes: readonly MediaType[] = [
  { name: "image/png", extension: "png", format: png },
  { name: "image/jpeg", extension: "jpg", format: jpeg },
  { name: "image/webp", extension: "webp", format: webp },
  { name: "image/gif", extension: "gif", format: gif },
  { name: "application/pdf", extension: "pdf", format: recognised(["application/pdf"]) },
  { name: "text/plain", extension: "txt", format: text },
  { name: "text/csv", extension: "csv", format: text },
  { name: "audio/mpeg", extension: "mp3", format: recognised(["audio/mpeg"]) },
  { name: "audio/mp4", extension: "m4a", format: recognised(["audio/x-m4a", "audio/mp4", "video/mp4"], mp4) },
  { name: "audio/x-m4a", extension: "m4a", format: recognised(["audio/x-m4a", "audio/mp4", "video/mp4"], mp4) },
  { name: "audio/ogg", extension: "ogg", format: recognised(["audio/ogg"]) },
  { name: "video/mp4", extension: "mp4", format: recognised(["video/mp4"], mp4) },
  {
    name: `${officeOpen}.wordprocessingml.document`,
    extension: "docx",
    format: zipDocument({ names: [parts, "word/document.xml"] }),
  },
  {
    name: `${officeOpen}.spreadsheetml.sheet`,
    extension: "xlsx",
    format: zipDocument({ names: [parts, "xl/workbook.xml"] }),
  },
  { name: openText, extension: "odt", format: zipDocument({ names: ["mimetype", "content.xml"], mimetype: openText }) },
];
const byName = new Map(mediaTypes.map((mediaType) => [mediaType.name, mediaType]));

/** The type that a Content-Type header names; parameters change nothing about what is inside. */
export function mediaTypeOf(contentType: string | undefined): MediaType {
  const name = contentType?.split(";")[0]?.trim().toLowerCase();
  const found = name === undefined ? undefined : byName.get(name);
  if (!found) throw failure("unsupported_media_type", "file_type");
  return found;
}

/** A format that is told by how it begins; what it is then made of is another reader's to say. */
function recognised(names: readonly string[], format: Format = nothingBehind): Format {
  return async function* (source: ByteSource) {
    const found = await fileTypeFromBuffer(await source.peek(lookBytes));
    const name = found?.mime.split(";")[0];
    if (name === undefined || !names.includes(name)) throw wrongType();
    yield* format(source);
  };
}

/** Whatever also ends as an archive would be two files in one. */
async function* nothingBehind(source: ByteSource): AsyncGenerator<Buffer> {
  let tail: Buffer = Buffer.alloc(0);
  for (let piece = await source.next(); piece !== undefined; piece = await source.next()) {
    tail = Buffer.concat([tail, piece]).subarray(-tailBytes);
    yield piece;
  }
  if (endsInArchive(tail)) throw wrongType();
}
