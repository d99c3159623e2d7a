import { randomFillSync } from "node:crypto";

const bytes = Buffer.alloc(16);

/** A new id: the prefix that says what it names, and a UUIDv7 (RFC 9562, 5.7), which sorts by the time at which it was made. */
export function newId(prefix: string, now: Date): string {
  randomFillSync(bytes);
  bytes.writeUIntBE(now.getTime(), 0, 6);
  bytes.writeUInt8((bytes.readUInt8(6) & 0x0f) | 0x70, 6);
  bytes.writeUInt8((bytes.readUInt8(8) & 0x3f) | 0x80, 8);
  const hex = bytes.toString("hex");
  return `${prefix}_${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
