// What a person is shown of a log-in, so that they recognise their own: coarse on purpose, as more would be kept than it needs.

const systems: readonly [RegExp, string][] = [
  [/iPhone/, "iPhone"],
  [/iPad/, "iPad"],
  [/Android/, "Android"],
  [/Windows/, "Windows"],
  [/Mac OS X|Macintosh/, "Mac"],
  [/CrOS/, "Chromebook"],
  [/Linux/, "Linux"],
];

const browsers: readonly [RegExp, string][] = [
  [/Edg(e|A|iOS)?\//, "Edge"],
  [/OPR\/|Opera/, "Opera"],
  [/Firefox\/|FxiOS\//, "Firefox"],
  [/SamsungBrowser\//, "Samsung Internet"],
  [/Chrome\/|CriOS\//, "Chrome"],
  [/Safari\//, "Safari"],
];

/** "Firefox on Linux", as far as a User-Agent tells it; no versions, which would tell people apart. */
export function deviceOf(userAgent: string): string {
  const text = userAgent.slice(0, 500);
  const nameIn = (list: readonly [RegExp, string][]) => list.find(([form]) => form.test(text))?.[1];
  const [browser, system] = [nameIn(browsers), nameIn(systems)];
  if (browser === undefined) return system ?? "";
  return system === undefined ? browser : `${browser} on ${system}`;
}

/** The network of an address: of version 4 its first three numbers, of version 6 its first three groups. */
export function networkOf(address: string): string {
  const mapped = /^::ffff:(\d+\.\d+\.\d+\.\d+)$/i.exec(address)?.[1] ?? address;
  if (/^\d{1,3}(\.\d{1,3}){3}$/.test(mapped)) return `${mapped.split(".").slice(0, 3).join(".")}.x`;
  const groups = mapped.split(":").filter(Boolean).slice(0, 3);
  return /^[0-9a-f:]+$/i.test(mapped) && groups.length > 0 ? `${groups.join(":")}:…` : "";
}
