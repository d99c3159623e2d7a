import { isIPv6 } from "node:net";
import { failure } from "@partake/failure";
import type { Exchange } from "./exchange.ts";

/** How many requests are taken from one place within a window. */
export interface Limit {
  /** Its name in the RateLimit headers. */
  name: string;
  requests: number;
  windowSeconds: number;
}

/** What may come in, and from whom. */
export interface LimitSettings {
  /** Of one address, whoever asks from there. */
  address: Limit;
  /** Of one person. */
  user: Limit;
  /** Log-ins and everything else that proves who somebody is, of one address. */
  logIn: Limit;
  /** Uploads of one person. */
  upload: Limit;
  /** Requests under way at once, of everybody; streams have a bound of their own. */
  inFlight: number;
}

/**
 * A production gateway's limits. A development machine plays many people at once. A log-in is five requests, six with a mistake:
 * a room of forty people behind one address gets in within a minute. Codes and mails have narrower bounds, in identity.
 */
export function limitSettings({ isDevelopment }: { isDevelopment: boolean }): LimitSettings {
  const factor = isDevelopment ? 20 : 1;
  return {
    address: { name: "address", requests: 12_000 * factor, windowSeconds: 60 },
    user: { name: "user", requests: 6_000 * factor, windowSeconds: 60 },
    logIn: { name: "log-in", requests: 300 * factor, windowSeconds: 60 },
    upload: { name: "upload", requests: 60 * factor, windowSeconds: 60 },
    inFlight: 1_000,
  };
}

export interface Limiter {
  /** Counts one request of a key, tells how many are left, and refuses one too many; quietly: tells only of a refusal. */
  count(exchange: Exchange, key: string, quietly?: boolean): void;
}

/** More keys than this in one window share one count: whoever has so many addresses is one attacker. */
const maxKeys = 100_000;
const everybodyElse = "";

/**
 * Refuses what comes too often, with the headers of draft-ietf-httpapi-ratelimit-headers-10. Counts are of this process and of
 * one window: a map that is emptied whole costs no timer per key and never grows past its bound.
 */
export function createLimiter({ name, requests, windowSeconds }: Limit, nowMs: () => number): Limiter {
  const windowMs = windowSeconds * 1000;
  const policy = `"${name}";q=${requests};w=${windowSeconds}`;
  let counts = new Map<string, number>();
  let endsMs = 0;
  return {
    count({ headers }, key, quietly = false) {
      const now = nowMs();
      if (now >= endsMs || now < endsMs - windowMs) {
        counts = new Map();
        endsMs = now + windowMs;
      }
      const counted = counts.has(key) || counts.size < maxKeys ? key : everybodyElse;
      const count = (counts.get(counted) ?? 0) + 1;
      counts.set(counted, count);
      const left = Math.max(0, requests - count);
      const isRefused = count > requests;
      if (isRefused || !quietly) {
        headers.push(
          "ratelimit-policy",
          policy,
          "ratelimit",
          `"${name}";r=${left};t=${Math.ceil((endsMs - now) / 1000)}`,
        );
      }
      if (isRefused) throw failure("rate_limited", "rate_limited", { retryAfterMs: endsMs - now });
    },
  };
}

/** Whoever has an IPv6 address has the 2^64 others of the same network, too. */
export function addressKey(address: string): string {
  if (!address.includes(":")) return address;
  const plain = address.startsWith("::ffff:") ? address.slice(7) : address;
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.split("::");
  const groups = head === "" ? [] : head.split(":");
  const missing = tail === undefined ? 0 : 8 - groups.length - (tail === "" ? 0 : tail.split(":").length);
  return [...groups, ...Array<string>(Math.max(0, missing)).fill("0")].slice(0, 4).join(":");
}
