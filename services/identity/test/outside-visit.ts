import { sealClientSecret } from "../src/provider/outside-visits.ts";
import { loginProviders } from "../src/store/login-providers.ts";
import { organisations } from "../src/store/organisations.ts";
import { sealing } from "../src/store/sealing.ts";
import { authorizationUrl, Browser, type LoginWorld, type Page, pkce } from "./login-world.ts";

/** The provider that an organisation brings. */
export interface BringsProvider {
  issuer: string;
  clientId: string;
  clientSecret: string;
  emailDomains?: string[];
  enabled?: boolean;
}

export async function organisationBringing(world: LoginWorld, of: BringsProvider): Promise<string> {
  const id = world.newId("org");
  const { issuer, clientId, emailDomains = [], enabled = true } = of;
  const clientSecret = sealClientSecret(sealing(world.config.encryptionKeys), of.clientSecret);
  await world.store.write({ actorId: "test", traceparent: undefined }, async (tx) => {
    const rights = { managersGiveRoles: true, creatorsCreateProjects: true, contactCreators: [] };
    const switches = { ...rights, redactedAccess: false, visitorsSeeProjects: false };
    const place = { timeZone: "Europe/London", language: "en", state: "active" as const, switches };
    const named = { _id: id, organisationId: id, name: "Corp & Sons", preset: "charity" as const };
    await tx.insert(organisations, { ...named, ...place, createdAt: tx.now });
    const provider = { issuer, clientId, clientSecret, emailDomains, enabled };
    await tx.insert(loginProviders, { _id: id, organisationId: id, ...provider });
    return id;
  });
  return id;
}

export interface Visit {
  browser: Browser;
  verifier: string;
  page: Page;
}

/** Begins a log-in with a hint of the organisation and takes the link to its provider. */
export async function visitOutside(world: LoginWorld, organisationId: string): Promise<Visit> {
  const browser = new Browser();
  const { verifier, challenge } = pkce();
  const start = await browser.open(authorizationUrl(world, { challenge, organisation: organisationId }));
  const link = /href="(\/login\/[^"]+\/outside\?organisation=[^"]+)"/.exec(start.text)?.[1];
  if (link === undefined) throw new Error(`no link on ${start.text}`);
  return { browser, verifier, page: await browser.open(new URL(link, start.url).href) };
}
