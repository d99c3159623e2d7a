// The name of a file as its sender gave it (RFC 6266, RFC 8187), and as its readers get it. It stands in headers only: a URL
// would put it into histories and logs.
import { failure } from "@partake/failure";

const maxNameLength = 200;
const token = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+/;
const quoted = /^"((?:[^"\\]|\\.)*)"/;
const extended = /^UTF-8'[A-Za-z0-9-]*'((?:%[0-9A-Fa-f]{2}|[!#$&+.^_`|~0-9A-Za-z-])*)$/i;
/** Controls, separators of lines, and marks that turn the direction of text so that "exe.pdf" shows as another name. */
const unprintable = /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}\p{Co}]/gu;
const pathSeparators = /[/\\:]/;
const forbiddenInNames = /[<>"|?*]/g;
const deviceNames = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i;

/** The name in a Content-Disposition header, made harmless; `filename*` counts before `filename`. */
export function readFileName(disposition: string | undefined, extension: string): string {
  if (disposition === undefined) return `file.${extension}`;
  const parameters = readParameters(disposition);
  if (parameters === undefined) throw malformed();
  const inUtf8 = parameters.get("filename*");
  const given = inUtf8 === undefined ? parameters.get("filename") : decodeExtended(inUtf8);
  return harmlessName(given ?? "", extension);
}

/** Only the last part of a path, without what a screen or a file system would take for more than a name. */
export function harmlessName(given: string, extension: string): string {
  const shown = given.normalize("NFC").replace(unprintable, "");
  const last = shown.split(pathSeparators).at(-1) ?? "";
  const name = last
    .replace(forbiddenInNames, "_")
    .replace(/\s+/g, " ")
    .replace(/^[. ]+|[. ]+$/g, "");
  if (name === "") return `file.${extension}`;
  const safe = deviceNames.test(name) ? `_${name}` : name;
  return safe.length <= maxNameLength ? safe : shortened(safe);
}

/** The header with which a file is handed out: always an attachment, its name in both forms. */
export function attachmentOf(name: string): string {
  const plain = name.replace(/[^\x20-\x7e]|["\\%]/g, "_");
  const encoded = encodeURIComponent(name).replace(
    /['()*!]/g,
    (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return plain === name
    ? `attachment; filename="${plain}"`
    : `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

function readParameters(disposition: string): Map<string, string> | undefined {
  const type = token.exec(disposition)?.[0];
  if (type === undefined) return undefined;
  const parameters = new Map<string, string>();
  let rest = disposition.slice(type.length).trim();
  while (rest !== "") {
    if (!rest.startsWith(";")) return undefined;
    rest = rest.slice(1).trimStart();
    const name = token.exec(rest)?.[0];
    if (name === undefined || rest[name.length] !== "=" || parameters.has(name.toLowerCase())) return undefined;
    rest = rest.slice(name.length + 1);
    const [literal, value] = readValue(rest);
    if (literal === "") return undefined;
    parameters.set(name.toLowerCase(), value);
    rest = rest.slice(literal.length).trimStart();
  }
  return parameters;
}

function readValue(text: string): [literal: string, value: string] {
  const inQuotes = quoted.exec(text);
  if (inQuotes) return [inQuotes[0], latin1AsUtf8((inQuotes[1] ?? "").replace(/\\(.)/g, "$1"))];
  const plain = token.exec(text)?.[0] ?? "";
  return [plain, plain];
}

/** Node reads headers as Latin-1; a browser's form and curl write UTF-8 there. What is not UTF-8 stays Latin-1. */
function latin1AsUtf8(text: string): string {
  const decoded = Buffer.from(text, "latin1").toString("utf8");
  return decoded.includes("\ufffd") ? text : decoded;
}

function decodeExtended(value: string): string {
  const encoded = extended.exec(value)?.[1];
  if (encoded === undefined) throw malformed();
  try {
    return decodeURIComponent(encoded);
  } catch {
    throw malformed();
  }
}

function shortened(name: string): string {
  const dot = name.lastIndexOf(".");
  const ending = dot > 0 && name.length - dot <= 12 ? name.slice(dot) : "";
  return (
    [...name]
      .slice(0, maxNameLength - ending.length - 1)
      .join("")
      .slice(0, maxNameLength - ending.length)
      .trimEnd() + ending
  );
}

function malformed() {
  return failure("invalid", "content_disposition", {
    errors: [{ pointer: "", code: "format", message: "Content-Disposition must be as in RFC 6266" }],
  });
}
