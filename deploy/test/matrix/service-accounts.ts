// The service accounts of the matrix: made by their creators in each organisation, and logged in as another system would.
import { newId } from "@partake/testing";
import { patientFetch } from "./patience.ts";
import { type Holding, type Person, people } from "./people.ts";
import type { Founding, Organisation, VisitorOf } from "./world.ts";

interface Credentials {
  id: string;
  secret: string;
}

/** Of each organisation, by the account's name. */
export type AccountSecrets = ReadonlyMap<string, Credentials>;

export async function makeServiceAccounts(
  { founder }: Founding,
  { organisation, visitorOf }: { organisation: Organisation; visitorOf: VisitorOf },
): Promise<AccountSecrets> {
  const { id: organisationId, contents } = organisation;
  const made = new Map<string, Credentials>();
  for (const { name, account, holds } of people) {
    if (account === undefined) continue;
    const { identity } = visitorOf(account.creator).at(organisationId);
    const roles = holds.map((holding) => accountRole(organisation, holding));
    const { id } = await identity.createServiceAccount({ id: newId("usr"), name, method: "client_secret", roles });
    const { clientSecret = "" } = await identity.addServiceAccountCredential({ serviceAccountId: id });
    for (const project of account.consents) {
      const consent = { projectId: contents.projects[project], serviceAccountId: id };
      await founder.at(organisationId).identity.consentToServiceAccount(consent);
    }
    made.set(name, { id, secret: clientSecret });
  }
  return made;
}

type AccountRole = "admin" | "creator" | "member" | "manager" | "reporter" | "observer";

function accountRole({ contents }: Organisation, holding: Holding): { role: AccountRole; projectId?: string } {
  if (holding.role === "admin" || holding.role === "creator" || holding.role === "member")
    return { role: holding.role };
  if ("project" in holding) return { role: holding.role, projectId: contents.projects[holding.project] };
  throw new Error(`a service account cannot hold ${holding.role}`);
}

const RENEW_BEFORE_MS = 30_000;

/** The tokens of all of them, each asked for when it is first needed, and anew before it ends. (RFC 6749, 4.4) */
export function accountTokens(
  origin: string,
  secrets: ReadonlyMap<string, AccountSecrets>,
): (person: Person, organisationId: string) => Promise<string> {
  const held = new Map<string, { token: Promise<string>; renewAtMs: number }>();
  return (person, organisationId) => {
    const key = `${person.name} ${organisationId}`;
    const current = held.get(key);
    if (current && Date.now() < current.renewAtMs) return current.token;
    const credentials = secrets.get(organisationId)?.get(person.name);
    if (!credentials) throw new Error(`${person.name} was not made`);
    const token = askForToken(origin, credentials);
    held.set(key, { token, renewAtMs: Date.now() + LIFE_MS - RENEW_BEFORE_MS });
    return token;
  };
}

const LIFE_MS = 300_000;

async function askForToken(origin: string, { id, secret }: Credentials): Promise<string> {
  const basic = Buffer.from(`${encodeURIComponent(id)}:${encodeURIComponent(secret)}`).toString("base64");
  const response = await patientFetch(`${origin}/oidc/token`, {
    method: "POST",
    headers: { authorization: `Basic ${basic}`, "content-type": "application/x-www-form-urlencoded" },
    body: "grant_type=client_credentials",
  });
  const { access_token: token } = (await response.json()) as { access_token?: string };
  if (token === undefined) throw new Error(`a service account got no token: ${response.status}`);
  return token;
}
