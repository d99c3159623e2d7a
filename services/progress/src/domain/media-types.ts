import { failure } from "@partake/failure";

const document = "application/vnd.openxmlformats-officedocument";

/** What may be added to a post. What a browser would run (HTML, SVG) and programs are none of it. (G19) */
const MEDIA_TYPES: ReadonlySet<string> = new Set([
  "image/png",
  "image/jpeg",
  "image/webp",
  "image/gif",
  "application/pdf",
  "text/plain",
  "text/csv",
  "audio/mpeg",
  "audio/mp4",
  "audio/x-m4a",
  "audio/ogg",
  "video/mp4",
  `${document}.wordprocessingml.document`,
  `${document}.spreadsheetml.sheet`,
  "application/vnd.oasis.opendocument.text",
]);

/** Controls, ends of lines, and marks that turn the direction of text so that a name shows as another one. */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/u;

/** Throws unless the type is one of those that may be uploaded and the name is no path and shows as what it is. */
export function checkFile({ name, mediaType }: { name: string; mediaType: string }): void {
  if (!MEDIA_TYPES.has(mediaType)) throw failure("unsupported_media_type", "file_type");
  if (name.trim() === "" || UNPRINTABLE.test(name) || /[/\\]/.test(name)) {
    const message = "The name of a file, without a path.";
    throw failure("invalid", "invalid_request", { errors: [{ pointer: "/name", code: "format", message }] });
  }
}
