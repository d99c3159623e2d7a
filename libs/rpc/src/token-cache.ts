/** A token whose signature was checked, and until when that may be believed. */
export interface Checked {
  token: string;
  expiresAtMs: number;
}

const tailLength = 40;

/**
 * Verified tokens, so that each is verified once. An entry is found by the last characters of the signature, which differ
 * between any two tokens, and counts only if the whole token is the same. The oldest entry leaves when there is no room:
 * reading does not extend a life, or a leaked token could be kept warm.
 */
export class TokenCache<E extends Checked> {
  private readonly capacity: number;
  private readonly entries = new Map<string, E>();

  constructor(capacity: number) {
    this.capacity = capacity;
  }

  get(token: string, nowMs: number): E | undefined {
    const entry = this.entries.get(token.slice(-tailLength));
    if (entry === undefined || entry.token !== token) return undefined;
    if (nowMs < entry.expiresAtMs) return entry;
    this.entries.delete(token.slice(-tailLength));
    return undefined;
  }

  put(entry: E): void {
    const tail = entry.token.slice(-tailLength);
    this.entries.delete(tail);
    if (this.entries.size >= this.capacity) {
      const [oldest] = this.entries.keys();
      if (oldest !== undefined) this.entries.delete(oldest);
    }
    this.entries.set(tail, entry);
  }

  clear(): void {
    this.entries.clear();
  }

  get size(): number {
    return this.entries.size;
  }
}
