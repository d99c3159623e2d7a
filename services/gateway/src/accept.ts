import { failure } from "@partake/failure";

/**
 * Refuses a client that takes nothing of what we can give. (RFC 9110, section 12.5.1) A problem is sent all the same: a client
 * that gets an answer in another form than it hoped for knows more than one that gets none.
 */
export function requireAccepted(accept: string | undefined, mediaType: string): void {
  if (accept === undefined || accept === "*/*" || accept === mediaType) return;
  const [kind] = mediaType.split("/");
  let best = { precision: -1, quality: 0 };
  for (const range of accept.toLowerCase().split(",", 50)) {
    const [name = "", ...parameters] = range.split(";").map((part) => part.trim());
    const precision = [`*/*`, `${kind}/*`, mediaType].indexOf(name);
    if (precision > best.precision) best = { precision, quality: qualityOf(parameters) };
  }
  if (best.quality <= 0) throw failure("not_acceptable", "not_acceptable");
}

function qualityOf(parameters: readonly string[]): number {
  const weight = parameters.find((parameter) => parameter.startsWith("q="));
  const quality = weight === undefined ? 1 : Number(weight.slice(2));
  return Number.isNaN(quality) ? 0 : quality;
}

/** Whether the client is a browser that goes to a page, and is better told in a page what went wrong. */
export function prefersPage(accept: string | undefined): boolean {
  return accept?.toLowerCase().startsWith("text/html") ?? false;
}
