import { generateKeyPairSync, randomBytes } from "node:crypto";
import { createServer, type IncomingMessage } from "node:http";
import { SignJWT } from "jose";
import { freePort } from "./login-world.ts";

/** An OpenID Provider that says whatever a test has it say, as those of others do. It lets in whoever comes. */
export interface PlainProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  /** What ID tokens say otherwise, and by which algorithm. */
  claims: Record<string, unknown>;
  alg: "RS256" | "HS256" | "none";
  /** What userinfo says; absent: there is none. */
  userinfo: Record<string, unknown> | undefined;
  /** Changes the document in which it tells of itself. */
  told: Record<string, unknown>;
  /** How its clients proved themselves. */
  proofs: ("basic" | "post" | "none")[];
  /** Signs by another key from now on, and publishes that one alone. */
  rotate(): void;
  /** Signs by a key that it does not publish. */
  hidesKey: boolean;
  stop(): Promise<void>;
}

const newKey = () => ({ kid: randomBytes(4).toString("hex"), ...generateKeyPairSync("rsa", { modulusLength: 2048 }) });

export async function startPlainProvider(nowMs: () => number): Promise<PlainProvider> {
  const port = await freePort();
  const issuer = `http://localhost:${port}`;
  let key = newKey();
  const hidden = newKey();
  const nonces = new Map<string, string>();
  const plain: PlainProvider = {
    ...{ issuer, clientId: "partake", clientSecret: randomBytes(32).toString("base64url") },
    ...{ claims: {}, alg: "RS256", userinfo: undefined, told: {}, proofs: [], hidesKey: false },
    rotate: () => {
      key = newKey();
    },
    async stop() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
  const document = () => ({
    ...{
      issuer,
      authorization_endpoint: `${issuer}/auth`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
    },
    ...(plain.userinfo !== undefined && { userinfo_endpoint: `${issuer}/userinfo` }),
    ...{ response_types_supported: ["code"], id_token_signing_alg_values_supported: ["RS256"], ...plain.told },
  });
  const idToken = async (nonce: string): Promise<string> => {
    const now = Math.floor(nowMs() / 1000);
    const said = {
      iss: issuer,
      sub: "somebody",
      aud: plain.clientId,
      nonce,
      iat: now,
      exp: now + 300,
      ...plain.claims,
    };
    if (plain.alg === "none") return `${encoded({ alg: "none" })}.${encoded(said)}.`;
    if (plain.alg === "HS256")
      return new SignJWT(said).setProtectedHeader({ alg: "HS256" }).sign(new TextEncoder().encode(plain.clientSecret));
    const { kid, privateKey } = plain.hidesKey ? { ...hidden, kid: key.kid } : key;
    return new SignJWT(said).setProtectedHeader({ alg: "RS256", kid }).sign(privateKey);
  };
  const answers: Record<string, (request: IncomingMessage, url: URL) => Promise<object> | object> = {
    "/.well-known/openid-configuration": document,
    "/jwks": () => ({ keys: [{ ...key.publicKey.export({ format: "jwk" }), kid: key.kid, use: "sig", alg: "RS256" }] }),
    "/userinfo": () => plain.userinfo ?? {},
    async "/token"(request) {
      const form = new URLSearchParams(await textOf(request));
      const isBasic = request.headers.authorization?.startsWith("Basic ") === true;
      plain.proofs.push(isBasic ? "basic" : form.has("client_secret") ? "post" : "none");
      const token = await idToken(nonces.get(form.get("code") ?? "") ?? "");
      return { access_token: "opaque", token_type: "Bearer", expires_in: 60, id_token: token };
    },
  };
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? "", issuer);
    if (url.pathname === "/auth") {
      const code = randomBytes(8).toString("hex");
      nonces.set(code, url.searchParams.get("nonce") ?? "");
      const back = new URL(url.searchParams.get("redirect_uri") ?? "");
      back.search = new URLSearchParams({ code, state: url.searchParams.get("state") ?? "" }).toString();
      return void response.writeHead(302, { location: back.href }).end();
    }
    const answer = answers[url.pathname];
    response.writeHead(answer === undefined ? 404 : 200, { "content-type": "application/json" });
    response.end(JSON.stringify((await answer?.(request, url)) ?? {}));
  });
  await new Promise<void>((resolve) => server.listen(port, resolve));
  return plain;
}

function encoded(part: object): string {
  return Buffer.from(JSON.stringify(part)).toString("base64url");
}

async function textOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}
