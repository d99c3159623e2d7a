import { failure } from "@partake/failure";

const longest = 254;
/** What the contract calls an e-mail address: one that nobody could be mailed at is none. */
const localPart = /^(?!\.)(?!.*\.\.)[a-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}(?<!\.)$/;
const domainPart = /^(?=.{4,189}$)[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?(?:\.[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?)+$/;

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
  const at = trimmed.lastIndexOf("@");
  if (trimmed.length > longest || at < 1) return undefined;
  const local = trimmed.slice(0, at).toLowerCase();
  const domain = asciiDomain(trimmed.slice(at + 1));
  if (domain === undefined || !localPart.test(local) || !domainPart.test(domain)) return undefined;
  return `${local}@${domain}`;
}

/** The domain of an address that was normalised. */
export function domainOf(email: string): string {
  return email.slice(email.lastIndexOf("@") + 1);
}

/** A domain in ASCII (RFC 5891), or undefined for what is none. */
export function asciiDomain(domain: string): string | undefined {
  // What would be more of an address than its host must not vanish unseen.
  if (/[\s/?#:@%\\[\]]/u.test(domain)) return undefined;
  const host = URL.parse(`http://${domain}`)?.hostname;
  return host !== undefined && /^[a-z0-9]([a-z0-9.-]*[a-z0-9])?$/.test(host) && !host.includes("..") ? host : undefined;
}
