import type { IncomingMessage } from "node:http";
import { BlockList, isIP } from "node:net";

/** Tells from where a request came. */
export type ClientAddressOf = (request: IncomingMessage) => string;

const maxHops = 20;

/**
 * The peer of the connection; where that is a proxy of our own, whoever it says it had the request from, and so on. What stands
 * further left in X-Forwarded-For was written by the client and counts for nothing: it would start every limit anew.
 */
export function clientAddressOf(trustedProxies: readonly string[]): ClientAddressOf {
  const trusted = new BlockList();
  for (const range of trustedProxies) addRange(trusted, range);
  const isTrusted = (address: string) =>
    isIP(address) !== 0 && trusted.check(address, isIP(address) === 6 ? "ipv6" : "ipv4");
  return (request) => {
    const peer = plain(request.socket.remoteAddress ?? "");
    if (trustedProxies.length === 0 || !isTrusted(peer)) return peer;
    const forwarded = [request.headers["x-forwarded-for"] ?? []].flat().join(",");
    const hops = forwarded
      .split(",")
      .map((hop) => plain(hop.trim()))
      .slice(-maxHops)
      .reverse();
    let address = peer;
    for (const hop of hops) {
      if (!isTrusted(address) || isIP(hop) === 0) break;
      address = hop;
    }
    return address;
  };
}

function addRange(trusted: BlockList, range: string): void {
  const [address = "", bits] = range.split("/");
  const family = isIP(address) === 6 ? "ipv6" : "ipv4";
  if (bits === undefined) trusted.addAddress(address, family);
  else trusted.addSubnet(address, Number(bits), family);
}

/** An IPv4 address as it is, also where the socket speaks IPv6. */
function plain(address: string): string {
  return address.startsWith("::ffff:") && isIP(address.slice(7)) === 4 ? address.slice(7) : address;
}
