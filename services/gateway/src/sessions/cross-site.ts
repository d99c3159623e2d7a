import type { IncomingMessage } from "node:http";
import { failure } from "@partake/failure";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/**
 * Refuses what another site's page sends along with a session's cookie. A header of our own cannot be set by a form, nor by a
 * script of another origin as we allow none (CORS); what the browser says of the sender must agree with it.
 */
export function refuseCrossSite(request: IncomingMessage, origin: string): void {
  const { origin: sender, "sec-fetch-site": site } = request.headers;
  if (site !== undefined && site !== "same-origin" && site !== "none") throw crossSite();
  if (sender !== undefined && sender !== origin) throw crossSite();
  if (safeMethods.has(request.method ?? "")) return;
  if (site === "none") throw crossSite();
  if (request.headers["partake-csrf"] !== "1") throw failure("forbidden", "csrf_header_required");
}

/** A page of ours that the browser goes to: any site may link to it, but none may frame it or load it as part of itself. */
export function refuseEmbedding(request: IncomingMessage): void {
  const { "sec-fetch-site": site, "sec-fetch-mode": mode, "sec-fetch-dest": destination } = request.headers;
  if (site !== "cross-site" && site !== "same-site") return;
  if (mode !== "navigate" || (destination !== undefined && destination !== "document")) throw crossSite();
}

function crossSite() {
  return failure("forbidden", "cross_site_request");
}
