import { createHash, randomBytes } from "node:crypto";

/** A client-made id: the prefix and a UUIDv7 (RFC 9562), so that the same request can be sent again. */
export function newId(prefix: string): string {
  const bytes = randomBytes(16);
  bytes.writeUIntBE(Date.now(), 0, 6);
  return formatted(prefix, bytes);
}

/** The id that a name always has: what is made from a seed is made once. */
export function idOf(prefix: string, name: string): string {
  return formatted(prefix, createHash("sha256").update(`${prefix} ${name}`).digest().subarray(0, 16));
}

function formatted(prefix: string, bytes: Buffer): string {
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x70;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString("hex");
  return `${prefix}_${[hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-")}`;
}
