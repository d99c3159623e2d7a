import { failure } from "@partake/failure";
import { type CryptoKey, importJWK, type JWK } from "jose";

/** Where the keys come from that sign access tokens. */
export interface KeySource {
  /** The key of that id; undefined where there is none. Throws `unavailable` where that cannot be known. */
  key(kid: string): Promise<CryptoKey | undefined>;
  /** Called after the set of keys has changed: what was verified before may have been by a retired key. */
  onChange(listener: () => void): void;
  /** Looks beside whatever is going on whether keys have changed. Called about once a minute while tokens are warm. */
  refresh?(): void;
}

export interface FetchedKeysOptions {
  /** The JWKS document. */
  url: string;
  nowMs?: () => number;
  fetchJson?: (url: string) => Promise<unknown>;
}

const fetchTimeoutMs = 2_000;
/** Older than this the keys are read again beside the call, ... */
const softAgeMs = 60_000;
/** ... and older than this before it, if identity answers at all. */
const hardAgeMs = 300_000;
/**
 * Nothing makes us ask more often than this, or forged key ids would make us flood identity. A new key that was published at
 * least this long before its first use is never missed.
 */
const askEveryMs = 1_000;
const maxKeys = 20;
const maxBytes = 100_000;

/** The issuer's RSA keys, kept and refreshed. Only RSA keys of the right use are taken, so that no other kind can be confused with one. */
export class FetchedKeys implements KeySource {
  private readonly url: string;
  private readonly nowMs: () => number;
  private readonly fetchJson: (url: string) => Promise<unknown>;
  private readonly listeners: (() => void)[] = [];
  private keys = new Map<string, CryptoKey>();
  private fingerprint = "";
  private readAtMs = Number.NEGATIVE_INFINITY;
  private triedAtMs = Number.NEGATIVE_INFINITY;
  private reading: Promise<void> | undefined;

  constructor(options: FetchedKeysOptions) {
    this.url = options.url;
    this.nowMs = options.nowMs ?? Date.now;
    this.fetchJson = options.fetchJson ?? fetchDocument;
  }

  onChange(listener: () => void): void {
    this.listeners.push(listener);
  }

  async key(kid: string): Promise<CryptoKey | undefined> {
    const ageMs = this.nowMs() - this.readAtMs;
    if (ageMs > hardAgeMs) await this.readAnew();
    else this.refresh();
    if (!this.keys.has(kid)) await this.readAnew();
    if (this.keys.size === 0) throw failure("unavailable", "keys_unknown");
    return this.keys.get(kid);
  }

  refresh(): void {
    if (this.nowMs() - this.readAtMs > softAgeMs) void this.readAnew();
  }

  /** Reads anew unless that was tried a moment ago; one reading at a time. What is held stays when identity is away. */
  private readAnew(): Promise<void> {
    if (this.reading !== undefined) return this.reading;
    if (this.nowMs() - this.triedAtMs < askEveryMs) return Promise.resolve();
    this.triedAtMs = this.nowMs();
    this.reading = this.read()
      .catch(() => undefined)
      .finally(() => {
        this.reading = undefined;
      });
    return this.reading;
  }

  private async read(): Promise<void> {
    const keys = await importKeys(await this.fetchJson(this.url));
    this.readAtMs = this.nowMs();
    const fingerprint = JSON.stringify([...keys].map(([kid, { jwk }]) => [kid, jwk.n, jwk.e]).sort());
    if (fingerprint === this.fingerprint) return;
    this.fingerprint = fingerprint;
    this.keys = new Map([...keys].map(([kid, { key }]) => [kid, key]));
    for (const listener of this.listeners) listener();
  }
}

async function importKeys(document: unknown): Promise<Map<string, { key: CryptoKey; jwk: JWK }>> {
  const listed = (document as { keys?: unknown } | null)?.keys;
  if (!Array.isArray(listed) || listed.length > maxKeys) throw new Error("not a key set");
  const keys = new Map<string, { key: CryptoKey; jwk: JWK }>();
  for (const jwk of listed as JWK[]) {
    const isForUs = jwk.kty === "RSA" && (jwk.use ?? "sig") === "sig" && (jwk.alg ?? "RS256") === "RS256";
    if (!isForUs || typeof jwk.kid !== "string" || jwk.d !== undefined) continue;
    const key = await importJWK({ kty: "RSA", n: jwk.n ?? "", e: jwk.e ?? "" }, "RS256");
    if (!(key instanceof Uint8Array)) keys.set(jwk.kid, { key, jwk });
  }
  if (keys.size === 0) throw new Error("a key set without a usable key");
  return keys;
}

async function fetchDocument(url: string): Promise<unknown> {
  const answer = await fetch(url, { signal: AbortSignal.timeout(fetchTimeoutMs), redirect: "error" });
  if (!answer.ok) throw new Error(`keys: HTTP ${answer.status}`);
  const text = await answer.text();
  if (text.length > maxBytes) throw new Error("keys: too large");
  return JSON.parse(text);
}
