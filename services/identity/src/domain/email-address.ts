import { failure } from "@partake/failure";

const longest = 254;
const form = /^[^\s@<>()[\],;:\\"]{1,64}@(?!-)[^\s@<>()[\],;:\\"]{1,189}$/u;

/**
 * The form in which addresses are compared: trimmed, lower case, the domain in ASCII. Local parts are case-sensitive only on
 * paper (RFC 5321, 2.4); two accounts whose addresses differ in case would be one person's, or a trap for one.
 */
export function normaliseEmail(address: string): string {
  const known = parseEmail(address);
  if (known === undefined) throw failure("invalid", "invalid_email");
  return known;
}

/** The same, or undefined for what is no address. */
export function parseEmail(address: string): string | undefined {
  const trimmed = address.trim().normalize("NFC");
  if (trimmed.length > longest || !form.test(trimmed)) return undefined;
  const at = trimmed.lastIndexOf("@");
  const domain = asciiDomain(trimmed.slice(at + 1));
  if (domain === undefined) return undefined;
  return `${trimmed.slice(0, at).toLowerCase()}@${domain}`;
}

/** The domain of an address that was normalised. */
export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf("@") + 1);
}

/** A domain in ASCII (RFC 5891), or undefined for what is none. */
export function asciiDomain(domain: string): string | undefined {
  const host = URL.parse(`http://${domain}`)?.hostname;
  return host !== undefined && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host) && !host.includes("..") ? host : undefined;
}
