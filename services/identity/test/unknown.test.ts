import { afterAll, beforeAll, expect, test } from "vitest";
import {
  askForTokens,
  authorizationUrl,
  Browser,
  type LoginWorld,
  logIn,
  pkce,
  startLoginWorld,
} from "./login-world.ts";

let world: LoginWorld;

beforeAll(async () => {
  world = await startLoginWorld();
});
afterAll(() => world?.stop());

test("[R19] where the database cannot say who somebody is, nobody gets a token: 503", async () => {
  const { refresh_token, access_token } = await logIn(world, "una@example.org");
  const browser = new Browser();
  const start = await browser.open(authorizationUrl(world, { challenge: pkce().challenge }));
  const sent = await browser.submit(start, { email: "una@example.org" });
  await world.store.close();
  const refused = await askForTokens(world, { grant_type: "refresh_token", refresh_token });
  expect(refused).toMatchObject({ status: 503, error: "temporarily_unavailable" });
  expect(refused.access_token).toBeUndefined();
  const headers = { authorization: `Bearer ${access_token}` };
  expect((await fetch(`${world.origin}/oidc/userinfo`, { headers })).status).toBe(503);
  const end = await browser.submit(sent, { code: world.mails.at(-1)?.code ?? "" });
  expect(end.status).toBe(503);
  expect(end.url).not.toContain("code=");
});
