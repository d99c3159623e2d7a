// Addresses of the network: which this service may call when somebody else named them, and which are one client.

const v4Blocks: readonly [string, number][] = [
  ["0.0.0.0", 8],
  ["10.0.0.0", 8],
  ["100.64.0.0", 10],
  ["127.0.0.0", 8],
  ["169.254.0.0", 16],
  ["172.16.0.0", 12],
  ["192.0.0.0", 24],
  ["192.0.2.0", 24],
  ["192.88.99.0", 24],
  ["192.168.0.0", 16],
  ["198.18.0.0", 15],
  ["198.51.100.0", 24],
  ["203.0.113.0", 24],
  ["224.0.0.0", 3],
];

/** Whether an address (as text, version 4 or 6) is one of the public network: not loopback, link-local, private or special. */
export function isPublicAddress(address: string): boolean {
  if (!address.includes(":")) return isPublicV4(address);
  const groups = readV6(address);
  if (groups === undefined) return false;
  const embedded = embeddedV4(groups);
  if (embedded !== undefined) return isPublicV4(embedded);
  const first = groups[0] ?? 0;
  const isGlobal = first >= 0x2000 && first <= 0x3fff;
  const isDocumentation = first === 0x2001 && (groups[1] === 0x0db8 || (groups[1] ?? 0) < 0x0200);
  return isGlobal && !isDocumentation;
}

/** What counts as one client: whoever has an address of version 6 has the 2^64 others of the same network, too. */
export function clientNetwork(address: string): string {
  const groups = address.includes(":") ? readV6(address) : undefined;
  if (groups === undefined) return address;
  return (
    embeddedV4(groups) ??
    groups
      .slice(0, 4)
      .map((group) => group.toString(16))
      .join(":")
  );
}

function isPublicV4(address: string): boolean {
  const number = readV4(address);
  if (number === undefined) return false;
  return !v4Blocks.some(([block, bits]) => {
    const start = readV4(block) ?? 0;
    const size = 2 ** (32 - bits);
    return number >= start && number < start + size;
  });
}

function readV4(address: string): number | undefined {
  const match = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address);
  if (match === null) return undefined;
  const parts = match.slice(1).map(Number);
  return parts.some((part) => part > 255) ? undefined : parts.reduce((sum, part) => sum * 256 + part, 0);
}

function readV6(address: string): number[] | undefined {
  const host = URL.parse(`http://[${address.split("%")[0]}]`)?.hostname;
  if (host === undefined) return undefined;
  const [head = "", tail] = host.slice(1, -1).split("::");
  const front = head === "" ? [] : head.split(":");
  const back = tail === undefined || tail === "" ? [] : tail.split(":");
  const gap = tail === undefined ? [] : new Array<string>(8 - front.length - back.length).fill("0");
  return [...front, ...gap, ...back].map((group) => Number.parseInt(group, 16));
}

/** Of mapped, translated (RFC 6052) and 6to4 addresses, the version 4 address that they lead to. */
function embeddedV4(groups: readonly number[]): string | undefined {
  const pair = (index: number) => {
    const [high = 0, low = 0] = groups.slice(index, index + 2);
    return [high >> 8, high & 255, low >> 8, low & 255].join(".");
  };
  const leading = groups.slice(0, 5).every((group) => group === 0);
  if (leading && (groups[5] === 0xffff || groups[5] === 0)) return pair(6);
  if (groups[0] === 0x0064 && groups[1] === 0xff9b) return pair(6);
  if (groups[0] === 0x2002) return pair(1);
  return undefined;
}
