// Calls whose bytes travel beside the JSON.
import type { CallOptions, DownloadedFile, FileToUpload } from "./call.ts";
import { outgoingOf, type Request } from "./json-call.ts";
import type { Route } from "./route.ts";
import type { Transport } from "./transport.ts";

export interface Upload {
  route: Route;
  request: Request;
  file: FileToUpload;
  options: CallOptions;
}

export async function upload(transport: Transport, { route, request, file, options }: Upload): Promise<unknown> {
  const outgoing = outgoingOf(route, request, options);
  const ownType = file.body instanceof Blob && file.body.type !== "" ? file.body.type : undefined;
  outgoing.body = file.body;
  outgoing.headers["content-type"] = file.mediaType ?? ownType ?? "application/octet-stream";
  outgoing.headers["content-disposition"] = dispositionOf(file.name);
  if (file.body instanceof ReadableStream) outgoing.isRepeatable = false;
  const response = await transport.send(outgoing);
  return await response.json();
}

export async function download(
  transport: Transport,
  route: Route,
  request: Request,
  options: CallOptions,
): Promise<DownloadedFile> {
  const response = await transport.send(outgoingOf(route, request, options));
  const length = response.headers.get("content-length");
  return {
    name: nameIn(response.headers.get("content-disposition") ?? ""),
    mediaType: response.headers.get("content-type") ?? "application/octet-stream",
    size: length !== null && /^\d{1,15}$/.test(length) ? Number(length) : undefined,
    body: response.body ?? new Blob([]).stream(),
    blob: () => response.blob(),
  };
}

/** A header holds no other characters than those of RFC 8187; the plain name is for readers that know only ASCII. */
export function dispositionOf(name: string): string {
  const plain = name.replace(/[^A-Za-z0-9 ._-]/g, "_");
  const encoded = encodeURIComponent(name.toWellFormed()).replace(
    /['()*]/g,
    (mark) => `%${mark.charCodeAt(0).toString(16).toUpperCase()}`,
  );
  return `attachment; filename="${plain}"; filename*=UTF-8''${encoded}`;
}

export function nameIn(disposition: string): string | undefined {
  const encoded = /;\s*filename\*=UTF-8''([^;]+)/i.exec(disposition)?.[1];
  if (encoded !== undefined) {
    try {
      return decodeURIComponent(encoded.trim());
    } catch {
      // Malformed: the plain name remains.
    }
  }
  return /;\s*filename="((?:[^"\\]|\\.)*)"/i.exec(disposition)?.[1]?.replace(/\\(.)/g, "$1");
}
