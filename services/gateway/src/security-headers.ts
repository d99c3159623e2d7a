import { IncomingMessage, ServerResponse } from "node:http";
import { Socket } from "node:net";
import helmet, { type HelmetOptions } from "helmet";

/** Names and values in turn, as `writeHead` takes them: made once, not per request. */
export type HeaderList = readonly string[];

type Directives = Record<string, readonly string[]>;

const shared: Directives = { "default-src": ["'none'"], "base-uri": ["'none'"], "frame-ancestors": ["'none'"] };
/** A page of ours: its own script, style and pictures, and requests to its own origin. Nothing inline, nothing from elsewhere. */
const pageDirectives: Directives = {
  ...shared,
  "script-src": ["'self'"],
  "style-src": ["'self'"],
  "img-src": ["'self'"],
  "connect-src": ["'self'"],
  "form-action": ["'self'"],
};

export interface SecurityHeaders {
  /** For whatever is not to be shown by a browser: JSON, problems, streams, redirects. */
  data: HeaderList;
  page: HeaderList;
  /** For bytes that somebody uploaded: should a browser show them after all, then without any rights. */
  file: HeaderList;
}

export function securityHeaders(options: { isSecure: boolean }): SecurityHeaders {
  const { isSecure } = options;
  return {
    data: rendered({ directives: { ...shared, "form-action": ["'none'"] }, isSecure, isPage: false }),
    page: rendered({ directives: pageDirectives, isSecure, isPage: true }),
    file: rendered({ directives: { ...shared, "form-action": ["'none'"], sandbox: [] }, isSecure, isPage: false }),
  };
}

/** Asks helmet once, with an answer that nobody gets. */
function rendered(policy: { directives: Directives; isSecure: boolean; isPage: boolean }): HeaderList {
  const options: HelmetOptions = {
    contentSecurityPolicy: { useDefaults: false, directives: policy.directives },
    crossOriginEmbedderPolicy: false,
    crossOriginOpenerPolicy: { policy: "same-origin" },
    crossOriginResourcePolicy: { policy: "same-origin" },
    referrerPolicy: { policy: "no-referrer" },
    strictTransportSecurity: policy.isSecure ? { maxAge: 31_536_000, includeSubDomains: false } : false,
    // What concerns windows alone is said to windows alone: each header costs every answer.
    xFrameOptions: policy.isPage ? { action: "deny" } : false,
    originAgentCluster: policy.isPage,
    xDnsPrefetchControl: policy.isPage ? { allow: false } : false,
    xXssProtection: false,
    xDownloadOptions: false,
    xPermittedCrossDomainPolicies: false,
  };
  const request = new IncomingMessage(new Socket());
  const response = new ServerResponse(request);
  let failed: unknown;
  helmet(options)(request, response, (error) => {
    failed = error;
  });
  if (failed !== undefined) throw failed;
  const names = response.getHeaderNames();
  return names.flatMap((name) => [name, String(response.getHeader(name))]);
}
