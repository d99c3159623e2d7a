// An OpenID Provider as strict as the real one where it matters here: codes are used once and bound to a verifier, refresh tokens
// rotate, and one that comes twice ends the whole log-in.
import { createHash, createPublicKey, randomBytes, verify } from "node:crypto";
import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { People, Person } from "./people.ts";

export interface ProviderStandIn {
  url: string;
  /** Who logs in next. */
  person: Person | undefined;
  /** How many refreshes were asked for. */
  refreshes: number;
  /** Refreshes answer this status instead, while it is set. */
  refuseWith: number | undefined;
  /** Before a refresh is answered. */
  delayMs: number;
  lifeSeconds: number;
  /** Places for which nobody gets a token. */
  closedPlaces: Set<string>;
  revoked: string[];
  /** How it answers whoever revokes a token. */
  revocationStatus: number;
  /** Every token that was given out. */
  given: string[];
  /** Requests for pages and the like, as they arrived. */
  requests: { method: string; url: string; headers: IncomingMessage["headers"]; body: string }[];
  /** Changes the next ID token's claims. */
  idClaims: object;
  /** Plays the browser at the provider: the query that it brings back. */
  authorize(location: string): string;
  stop(): Promise<void>;
}

interface Family {
  person: Person;
  current: string;
  ended: boolean;
}

export async function startProvider(options: {
  origin: string;
  people: People;
  privateKey: string;
  nowMs(): number;
}): Promise<ProviderStandIn> {
  const { origin, people } = options;
  const codes = new Map<string, { person: Person; challenge: string; nonce: string }>();
  const families = new Map<string, Family>();
  const gatewayKey = createPublicKey(options.privateKey);

  const grant = (family: Family, place: string, nonce?: string) => {
    const now = Math.floor(options.nowMs() / 1000);
    const claims = {
      iss: origin,
      sub: family.person.userId,
      aud: "partake-web",
      iat: now,
      exp: now + 3600,
      nonce,
      ...standIn.idClaims,
    };
    const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString("base64url");
    family.current = randomBytes(24).toString("base64url");
    families.set(family.current, family);
    const accessToken = people.token(family.person, { place, lifeSeconds: standIn.lifeSeconds });
    const idToken = `${encode({ alg: "RS256", kid: "test" })}.${encode(claims)}.c2ln`;
    standIn.given.push(accessToken, family.current, ...(nonce === undefined ? [] : [idToken]));
    return {
      access_token: accessToken,
      token_type: "Bearer",
      expires_in: standIn.lifeSeconds,
      refresh_token: family.current,
      ...(nonce === undefined ? {} : { id_token: idToken }),
    };
  };
  const redeem = (form: URLSearchParams) => {
    const code = codes.get(form.get("code") ?? "");
    codes.delete(form.get("code") ?? "");
    const challenge = createHash("sha256")
      .update(form.get("code_verifier") ?? "")
      .digest("base64url");
    if (!code || code.challenge !== challenge) return { status: 400, body: { error: "invalid_grant" } };
    return {
      status: 200,
      body: grant({ person: code.person, current: "", ended: false }, placeOf(form, origin), code.nonce),
    };
  };
  const refresh = async (form: URLSearchParams) => {
    standIn.refreshes += 1;
    await new Promise((resolve) => setTimeout(resolve, standIn.delayMs));
    if (standIn.refuseWith !== undefined)
      return { status: standIn.refuseWith, body: { error: "temporarily_unavailable" } };
    const given = form.get("refresh_token") ?? "";
    const family = families.get(given);
    if (family && family.current !== given) family.ended = true;
    if (!family || family.ended) return { status: 400, body: { error: "invalid_grant" } };
    const place = placeOf(form, origin);
    if (standIn.closedPlaces.has(place)) return { status: 400, body: { error: "invalid_target" } };
    return { status: 200, body: grant(family, place) };
  };
  const token = async (form: URLSearchParams) => {
    if (!isAsserted(form, { origin, gatewayKey })) return { status: 401, body: { error: "invalid_client" } };
    return form.get("grant_type") === "refresh_token" ? refresh(form) : redeem(form);
  };

  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    const body = await textOf(request);
    const url = request.url ?? "";
    const answer = (status: number, value: object) =>
      response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(value));
    if (url === "/.well-known/openid-configuration") return answer(200, configuration(origin));
    if (url === "/oidc/token") {
      const { status, body: given } = await token(new URLSearchParams(body));
      return answer(status, given);
    }
    if (url === "/oidc/revocation") {
      standIn.revoked.push(new URLSearchParams(body).get("token") ?? "");
      return answer(standIn.revocationStatus, {});
    }
    standIn.requests.push({ method: request.method ?? "", url, headers: request.headers, body });
    response.writeHead(200, {
      "content-type": "text/html",
      "set-cookie": ["a=1; Path=/", "b=2; Path=/"],
      server: "secret/1.0",
      connection: "keep-alive",
    });
    response.end("<p>page</p>");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const standIn: ProviderStandIn = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    ...{ person: undefined, refreshes: 0, refuseWith: undefined, delayMs: 0, lifeSeconds: 300 },
    ...{ closedPlaces: new Set<string>(), revoked: [], revocationStatus: 200, given: [], requests: [], idClaims: {} },
    authorize(location) {
      const asked = new URL(location).searchParams;
      if (!standIn.person) throw new Error("nobody logs in");
      const code = randomBytes(16).toString("base64url");
      codes.set(code, {
        person: standIn.person,
        challenge: asked.get("code_challenge") ?? "",
        nonce: asked.get("nonce") ?? "",
      });
      return new URLSearchParams({ code, state: asked.get("state") ?? "", iss: origin }).toString();
    },
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
  return standIn;
}

function configuration(origin: string): object {
  return {
    issuer: origin,
    authorization_endpoint: `${origin}/oidc/auth`,
    token_endpoint: `${origin}/oidc/token`,
    revocation_endpoint: `${origin}/oidc/revocation`,
    end_session_endpoint: `${origin}/oidc/logout`,
    jwks_uri: `${origin}/oidc/jwks`,
    response_types_supported: ["code"],
    id_token_signing_alg_values_supported: ["RS256"],
    authorization_response_iss_parameter_supported: true,
  };
}

function placeOf(form: URLSearchParams, origin: string): string {
  return (form.get("resource") ?? "").slice(origin.length + 1).replace(/^orgs\//, "");
}

/** private_key_jwt (OpenID Connect Core, section 9): the gateway's own key, and nobody else's. */
function isAsserted(
  form: URLSearchParams,
  { origin, gatewayKey }: { origin: string; gatewayKey: ReturnType<typeof createPublicKey> },
): boolean {
  const assertion = form.get("client_assertion") ?? "";
  const [header = "", claims = "", signature = ""] = assertion.split(".");
  if (!verify(null, Buffer.from(`${header}.${claims}`), gatewayKey, Buffer.from(signature, "base64url"))) return false;
  const said = JSON.parse(Buffer.from(claims, "base64url").toString()) as Record<string, unknown>;
  return said["iss"] === "partake-web" && said["sub"] === "partake-web" && said["aud"] === origin;
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
