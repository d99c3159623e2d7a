import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type LoginWorld, startLoginWorld } from "./login-world.ts";
import { organisationBringing, visitOutside } from "./outside-visit.ts";
import { type PlainProvider, startPlainProvider } from "./plain-provider.ts";

let world: LoginWorld;
let plain: PlainProvider;
let organisationId: string;
let people = 0;

beforeAll(async () => {
  world = await startLoginWorld();
  plain = await startPlainProvider(() => world.clock.now().getTime());
  organisationId = await organisationBringing(world, { ...plain, emailDomains: ["corp.example"] });
});
afterAll(async () => {
  await plain?.stop();
  await world?.stop();
});
let mail: string;
beforeEach(() => {
  people += 1;
  mail = `p${people}@corp.example`;
  const claims = { sub: `p${people}`, email: mail, email_verified: true };
  Object.assign(plain, { claims, alg: "RS256", userinfo: undefined, told: {}, hidesKey: false });
  plain.proofs.length = 0;
});

const now = () => Math.floor(world.clock.now().getTime() / 1000);
const says = (claims: Record<string, unknown>) => Object.assign(plain.claims, claims);
const page = async () => (await visitOutside(world, organisationId)).page;

/** As Keycloak, Entra, Google and others do it; each within OpenID Connect Core 1.0. */
describe("[R23] a provider is taken as it is:", () => {
  const habits: [habit: string, set: () => unknown][] = [
    ["plain", () => undefined],
    ["its audience is a list of us alone", () => says({ aud: ["partake"] })],
    [
      "its audience is a list with others, and we are the authorised party",
      () => says({ aud: ["partake", "account"], azp: "partake" }),
    ],
    ["it names the authorised party though the audience is one", () => says({ azp: "partake" })],
    ["it tells as a text that the address is verified", () => says({ email_verified: "true" })],
    ["it writes the address in capitals", () => says({ email: mail.toUpperCase() })],
    [
      "it tells the address at userinfo alone",
      () => {
        plain.userinfo = { sub: plain.claims["sub"], email: mail, email_verified: true };
        says({ email: undefined, email_verified: undefined });
      },
    ],
    ["its clock is twenty seconds ahead", () => says({ iat: now() + 20, nbf: now() + 20 })],
    ["its clock is twenty seconds behind, and its tokens are brief", () => says({ iat: now() - 80, exp: now() - 20 })],
    [
      "it adds claims of its own",
      () => says({ realm_access: { roles: ["admin"] }, typ: "ID", sid: "x", acr: "1", at_hash: undefined }),
    ],
    ["it signs by another key than last time", () => plain.rotate()],
  ];
  test.each(habits)("%s", async (_habit, set) => {
    set();
    const { status, text } = await page();
    expect([status, text.includes("Enter your code")]).toEqual([200, true]);
    expect(world.mails.at(-1)?.email).toBe(mail);
  });

  test("it takes the secret in the body alone, or says nothing of how", async () => {
    plain.told = { token_endpoint_auth_methods_supported: ["client_secret_post", "private_key_jwt"] };
    await page();
    plain.told = { token_endpoint_auth_methods_supported: ["client_secret_basic", "client_secret_post"] };
    await page();
    plain.told = {};
    await page();
    expect(plain.proofs).toEqual(["post", "basic", "basic"]);
  });
});

describe("[R23] a provider's answer is refused:", () => {
  const wrongs: [wrong: string, set: () => unknown][] = [
    ["for another client", () => says({ aud: "other" })],
    ["for a list without us", () => says({ aud: ["other", "account"] })],
    ["for us among others, authorised for another", () => says({ aud: ["partake", "other"], azp: "other" })],
    ["for us among others, authorised for nobody", () => says({ aud: ["partake", "other"] })],
    ["by another issuer", () => says({ iss: "https://evil.example" })],
    ["by an issuer with a slash", () => says({ iss: `${plain.issuer}/` })],
    ["with another nonce", () => says({ nonce: "other" })],
    ["without a nonce", () => says({ nonce: undefined })],
    ["of long ago", () => says({ iat: now() - 900, exp: now() - 600 })],
    ["from a clock far ahead", () => says({ nbf: now() + 600 })],
    ["without an end", () => says({ exp: undefined })],
    ["about nobody", () => says({ sub: undefined })],
    ["unsigned", () => Object.assign(plain, { alg: "none" })],
    ["signed by the client's secret", () => Object.assign(plain, { alg: "HS256" })],
    ["signed by a key that it does not publish", () => Object.assign(plain, { hidesKey: true })],
    ["that says the address is not verified, as a text", () => says({ email_verified: "false" })],
    ["that does not say that the address is verified", () => says({ email_verified: undefined })],
    ["that says so by a number", () => says({ email_verified: 1 })],
    ["with a list of addresses", () => says({ email: [mail] })],
    ["without an address and without userinfo", () => says({ email: undefined })],
    [
      "whose userinfo is about another",
      () => {
        plain.userinfo = { sub: "another", email: mail, email_verified: true };
        says({ email: undefined, email_verified: undefined });
      },
    ],
  ];
  test.each(wrongs)("%s", async (_wrong, set) => {
    const mailed = world.mails.length;
    set();
    expect((await page()).status).toBe(403);
    expect(world.mails.length).toBe(mailed);
  });
});
