import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from "node:crypto";
import { failure } from "@partake/failure";

const ivBytes = 12;
const tagBytes = 16;
const nameBytes = 4;
const mostCharacters = 2000;

/** Where a page ended: the sort field's value and the id of its last record. */
export interface Position {
  value: unknown;
  id: string;
}

export interface Cursors {
  /** `bound` is all that the cursor counts for; opened with anything else it is refused. */
  seal(position: Position, bound: string): string;
  open(cursor: string, bound: string): Position;
}

interface Key {
  name: Buffer;
  secret: Buffer;
}

/**
 * Cursors are encrypted (AES-256-GCM), as they hold values of records, and bound to their list by the additional data. The first
 * key seals; all open, so a key is retired by putting a new one before it and taking it away when its cursors are old.
 */
export function openCursors(encryptionKeys: readonly string[]): Cursors {
  const keys = encryptionKeys.map(deriveKey);
  const [sealing] = keys;
  if (!sealing) throw new Error("at least one encryption key is needed");
  return {
    seal({ value, id }, bound) {
      const iv = randomBytes(ivBytes);
      const cipher = createCipheriv("aes-256-gcm", sealing.secret, iv).setAAD(Buffer.from(bound));
      const sealed = Buffer.concat([cipher.update(JSON.stringify([toJson(value), id])), cipher.final()]);
      return Buffer.concat([sealing.name, iv, sealed, cipher.getAuthTag()]).toString("base64url");
    },
    open(cursor, bound) {
      const bytes = cursorBytes(cursor);
      const key = keys.find(({ name }) => name.equals(bytes.subarray(0, nameBytes)));
      if (!key) throw invalidCursor();
      try {
        const iv = bytes.subarray(nameBytes, nameBytes + ivBytes);
        const decipher = createDecipheriv("aes-256-gcm", key.secret, iv, { authTagLength: tagBytes });
        decipher.setAAD(Buffer.from(bound)).setAuthTag(bytes.subarray(-tagBytes));
        const opened = Buffer.concat([
          decipher.update(bytes.subarray(nameBytes + ivBytes, -tagBytes)),
          decipher.final(),
        ]);
        const [value, id] = JSON.parse(opened.toString()) as [unknown, string];
        return { value: fromJson(value), id };
      } catch (error) {
        throw invalidCursor(error);
      }
    },
  };
}

function cursorBytes(cursor: string): Buffer {
  if (cursor.length > mostCharacters || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw invalidCursor();
  const bytes = Buffer.from(cursor, "base64url");
  if (bytes.length <= nameBytes + ivBytes + tagBytes || bytes.toString("base64url") !== cursor) throw invalidCursor();
  return bytes;
}

function deriveKey(encoded: string): Key {
  const raw = Buffer.from(encoded, "base64");
  if (raw.length !== 32) throw new Error("an encryption key is 32 bytes in base64");
  const secret = Buffer.from(hkdfSync("sha256", raw, Buffer.alloc(0), "partake cursors v1", 32));
  return { secret, name: createHash("sha256").update(secret).digest().subarray(0, nameBytes) };
}

function toJson(value: unknown): unknown {
  return value instanceof Date ? { date: value.toISOString() } : (value ?? null);
}

function fromJson(value: unknown): unknown {
  return typeof value === "object" && value !== null && "date" in value ? new Date(String(value.date)) : value;
}

function invalidCursor(cause?: unknown) {
  const errors = [{ pointer: "/cursor", code: "format", message: "This is no cursor of this list." }];
  return failure("invalid", "cursor_invalid", { errors, ...(cause !== undefined && { cause }) });
}
