import { failure } from "@partake/failure";
import type { ByteSource } from "../byte-source.ts";

/** Reads a file of one format to its end and hands on what of it may be kept. Throws where it is not of that format. */
export type Format = (source: ByteSource) => AsyncGenerator<Buffer>;

const maxPixels = 100_000_000;
const maxSide = 30_000;

/** What is inside is not what its Content-Type says. */
export function wrongType() {
  return failure("unsupported_media_type", "file_type");
}

/** Small in bytes, but not in the memory of whoever opens it. */
export function requireModestSize(image: { width: number; height: number }): void {
  const { width, height } = image;
  if (width === 0 || height === 0) throw wrongType();
  if (width > maxSide || height > maxSide || width * height > maxPixels) throw failure("too_large", "image_too_large");
}
