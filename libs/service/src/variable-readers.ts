// How the texts of environment variables are read.
import { isIP } from "node:net";

/** How the text of a variable is read; throws an Error whose message says what is expected and never repeats the text. */
export type Read<T> = (text: string) => T;

export const text: Read<string> = (value) => value;
export const list: Read<readonly string[]> = (value) =>
  value
    .split(",")
    .map((item) => item.trim())
    .filter(Boolean);

export const port: Read<number> = (value) => {
  if (!/^\d{1,5}$/.test(value) || Number(value) > 65_535) throw new Error("expected a port, 0 to 65535");
  return Number(value);
};

/** Longer than a minute no orchestrator waits. */
export const seconds: Read<number> = (value) => {
  if (!/^\d{1,2}$/.test(value) || Number(value) > 60) throw new Error("expected whole seconds, 0 to 60");
  return Number(value);
};

export function url(...protocols: string[]): Read<string> {
  return (value) => {
    if (!protocols.some((protocol) => value.startsWith(`${protocol}://`))) {
      throw new Error(`expected a URL that begins with ${protocols.map((protocol) => `${protocol}://`).join(" or ")}`);
    }
    return value;
  };
}

/** An origin is compared as text with the issuer of every token, so it has exactly one form. */
export const origin: Read<string> = (value) => {
  const read = URL.canParse(value) ? new URL(value) : undefined;
  if (read === undefined || !["http:", "https:"].includes(read.protocol) || read.origin !== value) {
    throw new Error("expected an origin, such as https://partake.example.org, without a path or a slash at its end");
  }
  return value;
};

export function choice<const C extends string>(...choices: C[]): Read<C> {
  return (value) => {
    const found = choices.find((allowed) => allowed === value);
    if (found === undefined) throw new Error(`expected one of ${choices.join(", ")}`);
    return found;
  };
}

export const brokers: Read<readonly string[]> = (value) => {
  const found = list(value);
  if (found.length === 0 || !found.every((broker) => /^[^\s:,]+:\d{1,5}$/.test(broker))) {
    throw new Error("expected host:port, or several with commas between");
  }
  return found;
};

/** Addresses, or ranges of them as in 10.0.0.0/8. */
export const addressRanges: Read<readonly string[]> = (value) => {
  const found = list(value);
  const isRange = (range: string) => {
    const [address = "", bits = "0", ...rest] = range.split("/");
    const mostBits = isIP(address) === 4 ? 32 : 128;
    return isIP(address) !== 0 && rest.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= mostBits;
  };
  if (!found.every(isRange)) throw new Error("expected IP addresses or ranges such as 10.0.0.0/8, with commas between");
  return found;
};

export const prefix: Read<string> = (value) => {
  if (!/^[A-Za-z0-9._-]{0,60}$/.test(value)) throw new Error("expected at most 60 letters, digits, dots, lines");
  return value;
};

export const keys: Read<readonly string[]> = (value) => {
  const found = list(value);
  const isKey = (key: string) => /^[A-Za-z0-9+/]+=*$/.test(key) && Buffer.from(key, "base64").length === 32;
  if (found.length === 0 || !found.every(isKey))
    throw new Error("expected base64 of 32 bytes, or several with commas between");
  return found;
};

/** A scheme that an app may claim is a domain name turned round, and has no authority behind it (RFC 8252, 7.1, 8.4). */
const privateUseForm = /^[a-z][a-z0-9-]*(\.[a-z0-9-]+)+:\/(?!\/)[A-Za-z0-9._~/-]*$/;

/** Where a log-in returns to an app: by a scheme of its own, or by an address that the app has claimed (RFC 8252, 7.1 and 7.2). */
export const appRedirects: Read<readonly string[]> = (value) => {
  const found = list(value);
  const isClaimed = (uri: string) => URL.parse(uri)?.protocol === "https:" && !/[#@*]/.test(uri);
  if (!found.every((uri) => privateUseForm.test(uri) || isClaimed(uri)))
    throw new Error("expected addresses such as org.example.app:/callback or https://app.example.org/callback");
  return found;
};
