import { lookup } from "node:dns/promises";
import { isIPv6 } from "node:net";

/** Finds the addresses behind a target, each as a gRPC target of its own. */
export type Resolve = () => Promise<readonly string[]>;

const maxAddresses = 100;

/**
 * How the addresses of a gRPC target are found: `host:port`, `dns:///host:port`, `ipv4:a:port,b:port` or `ipv6:[a]:port,…`.
 * Undefined for any other: such a target is left to gRPC. (grpc/grpc, doc/naming.md)
 */
export function resolverOf(target: string): Resolve | undefined {
  const listed = /^(ipv[46]):(?!\/)(.+)$/.exec(target);
  if (listed) {
    const [, scheme, list = ""] = listed;
    const addresses = list.split(",").map((address) => `${scheme}:${address}`);
    return async () => addresses;
  }
  const named = /^(?:dns:(?:\/\/\/)?)?(\[[0-9a-fA-F:.]+\]|[A-Za-z0-9._-]+):(\d{1,5})$/.exec(target);
  if (!named) return undefined;
  const [, host = "", port] = named;
  const name = host.replace(/^\[|\]$/g, "");
  return async () => {
    const found = await lookup(name, { all: true });
    return found
      .slice(0, maxAddresses)
      .map(({ address }) => (isIPv6(address) ? `ipv6:[${address}]:${port}` : `ipv4:${address}:${port}`));
  };
}
