const maxLength = 512;
const plainPath = /^\/(?![/\\])[\x21-\x5b\x5d-\x7e]*$/;

/** Where a log-in leads back to: a place of our own origin, else the start page. An open redirect would lend our name to anyone. */
export function safeReturnTo(given: string | null | undefined, origin: string): string {
  if (!given || given.length > maxLength || !plainPath.test(given)) return "/";
  const url = URL.canParse(given, origin) ? new URL(given, origin) : undefined;
  if (url?.origin !== origin || url.pathname.startsWith("//")) return "/";
  return `${url.pathname}${url.search}${url.hash}`;
}
