// What the operations of the OpenAPI document share: problems, headers, security schemes.
import { type Code, codes } from "@partake/failure";
import type { Schema } from "./json-schema.ts";
import type { Operation } from "./model.ts";

/** The general refusals, by the name of their response. */
const general = {
  Invalid: { code: "invalid", description: "The request is not valid; `errors` says where." },
  Unauthenticated: { code: "unauthenticated", description: "No token, or one that does not count (any more)." },
  Forbidden: { code: "forbidden", description: "The caller sees it but may not do this; `reason` says why." },
  NotFound: { code: "not_found", description: "There is nothing here, or nothing that the caller may see." },
  NotAcceptable: { code: "not_acceptable", description: "The answer is not to be had in the form that Accept names." },
  Conflict: { code: "conflict", description: "It conflicts with the current state, or the same request is under way." },
  PreconditionFailed: { code: "precondition_failed", description: "The resource has changed since it was read." },
  TooLarge: { code: "too_large", description: "The body is too large." },
  UnsupportedMediaType: { code: "unsupported_media_type", description: "The body is not of a type that is taken." },
  Unprocessable: {
    code: "unprocessable",
    description: "It cannot be carried out, or the key was used for other content.",
  },
  PreconditionRequired: { code: "precondition_required", description: "If-Match is missing." },
  RateLimited: { code: "rate_limited", description: "Too many requests; Retry-After says when to come back." },
  Internal: { code: "internal", description: "Something went wrong on our side." },
  Unavailable: { code: "unavailable", description: "It cannot be answered just now; trying again may help." },
  DeadlineExceeded: { code: "deadline_exceeded", description: "The answer did not come in time." },
} as const satisfies Record<string, { code: Code; description: string }>;

type ResponseName = keyof typeof general;

/** The statuses with which an operation may refuse for general reasons, with the name of each response. */
export function generalStatuses(operation: Operation): Record<number, ResponseName> {
  const { route, access, refusals } = operation;
  // What is missing may be named in the path, or in the body alone: then the operation's own refusals tell.
  const mayMiss = (route?.pathFields.length ?? 0) > 0 || refusals.some((reason) => reason.endsWith("_not_found"));
  const names: ResponseName[] = [
    "Invalid",
    "NotAcceptable",
    "RateLimited",
    "Internal",
    "Unavailable",
    "DeadlineExceeded",
  ];
  if (access.kind !== "public") names.push("Unauthenticated", "Forbidden");
  if (access.kind === "permission" || mayMiss) names.push("NotFound");
  if (route?.body) names.push("TooLarge", "UnsupportedMediaType");
  if (route?.method !== "GET") names.push("Conflict", "Unprocessable");
  if (operation.needsIfMatch) names.push("PreconditionFailed", "PreconditionRequired");
  return Object.fromEntries(names.map((name) => [codes[general[name].code].http, name]));
}

export function problemResponses(): Record<string, object> {
  const schema = { $ref: "#/components/schemas/Problem" };
  const responses = Object.entries(general).map(([name, { code, description }]) => {
    const retryAfter = code === "rate_limited" || code === "unavailable";
    const headers = retryAfter ? { headers: { "Retry-After": { $ref: "#/components/headers/RetryAfter" } } } : {};
    const { http, title } = codes[code];
    const example = {
      type: `urn:partake:problem:${code}`,
      title,
      status: http,
      code,
      reason: code,
      requestId: "8f14e45f",
    };
    return [name, { description, ...headers, content: { "application/problem+json": { schema, example } } }];
  });
  return Object.fromEntries(responses);
}

export function problemSchema(): Schema {
  const fieldError = {
    type: "object",
    required: ["pointer", "code", "message"],
    properties: {
      pointer: { type: "string", description: "Where in the request, as a JSON pointer (RFC 6901)." },
      code: { type: "string", description: "A stable word for what is wrong." },
      message: { type: "string", description: "The same for people. Never repeats the value." },
    },
  };
  return {
    type: "object",
    description: "A problem document (RFC 9457).",
    required: ["type", "title", "status", "code", "reason", "requestId"],
    properties: {
      type: { type: "string" },
      title: { type: "string" },
      status: { type: "integer", minimum: 400, maximum: 599 },
      code: { type: "string", enum: Object.keys(codes) },
      reason: { type: "string", description: "A stable word that says why, for programs." },
      requestId: { type: "string", description: "Names this request to whoever is asked about it." },
      errors: { type: "array", maxItems: 100, items: fieldError },
    },
  };
}

const text = (description: string, more: Schema = {}) => ({ description, schema: { type: "string", ...more } });

export const commonParameters: Record<string, object> = {
  IdempotencyKey: {
    name: "Idempotency-Key",
    in: "header",
    required: true,
    ...text("The same key within 24 hours has its effect once. Other content under it is 422.", {
      minLength: 1,
      maxLength: 100,
      pattern: "^[A-Za-z0-9._~-]+$",
    }),
    example: "0190163d-8694-739b-aea5-966c26f8ad91",
  },
  IfMatch: {
    name: "If-Match",
    in: "header",
    required: true,
    ...text("The ETag of the resource as it was read: its version in quotes.", { pattern: '^"[0-9]{1,9}"$' }),
    example: '"3"',
  },
  LastEventId: {
    name: "Last-Event-ID",
    in: "header",
    ...text("The id of the last event that arrived: the stream goes on after it, or sends `resync`.", {
      maxLength: 200,
    }),
  },
  ContentDisposition: {
    name: "Content-Disposition",
    in: "header",
    ...text("Names the file (RFC 6266): no URL holds a name.", { maxLength: 1000 }),
    example: 'attachment; filename="walk.jpg"',
  },
};

export const commonHeaders: Record<string, object> = {
  ETag: text("The resource's version, for If-Match.", { pattern: '^"[0-9]{1,10}"$' }),
  CacheTag: text("Names this content; with If-None-Match a client asks whether it changed."),
  CacheControl: text("How long caches may keep it."),
  Location: text("Where the new resource is to be read, if there is an operation for it."),
  RetryAfter: { description: "Seconds after which trying again may help.", schema: { type: "integer", minimum: 0 } },
  ContentDisposition: text("The file's name (RFC 6266)."),
};

export function securitySchemes(origin: string): Record<string, object> {
  return {
    bearer: {
      type: "http",
      scheme: "bearer",
      bearerFormat: "JWT",
      description: [
        "An access token (RFC 9068) for one organisation: its resource indicator is <origin>/orgs/{id}.",
        "A person's program gets it by authorization code with PKCE as the client `partake-cli`, a system by client credentials as a service account.",
        "`docs/guides/get-a-token.md` shows each, step by step.",
      ].join(" "),
    },
    session: {
      type: "apiKey",
      in: "cookie",
      name: "__Host-partake",
      description: "A browser's session: the gateway holds the tokens. Writes also need the header `Partake-Csrf: 1`.",
    },
    oidc: {
      type: "openIdConnect",
      openIdConnectUrl: `${origin}/.well-known/openid-configuration`,
      description:
        "Where the bearer tokens come from. Clients are the platform's own and service accounts; none registers itself.",
    },
  };
}
