// The world of the matrix: four organisations that differ in nothing but their setting, and people who hold the same in each.
import { mailsTo, newId, type TestPlatformFacts, type Visitor, visit } from "@partake/testing";
import mongoose from "mongoose";
import { type Contents, fill } from "./contents.ts";
import { giveRoles } from "./given-roles.ts";
import { patientFetch } from "./patience.ts";
import { type ParticipantName, type Person, people, type Setting, settings } from "./people.ts";
import { type AccountSecrets, accountTokens, makeServiceAccounts } from "./service-accounts.ts";

export interface Organisation {
  id: string;
  setting: Setting;
  contents: Contents;
}

export interface World {
  platform: TestPlatformFacts;
  organisations: readonly Organisation[];
  /** The access token with which a person speaks in an organisation; none for visitors. */
  token(person: Person, organisationId: string): Promise<string | undefined>;
}

/** Who makes everything: an admin who manages every project directly. */
export interface Founding {
  platform: TestPlatformFacts;
  run: string;
  founder: Visitor;
  identity: mongoose.Connection;
}

/** Whoever has logged in, by name. */
export type VisitorOf = (name: string) => Visitor;

const CREDITS = 50;
const OPERATORS = {
  "platform operator": "operator@partake.example",
  "billing operator (platform)": "billing@partake.example",
};

export async function makeWorld(platform: TestPlatformFacts): Promise<World> {
  const run = newId("run").slice(-8);
  const visitWith = (email: string) => visit({ ...platform, email, fetch: patientFetch });
  const emailOf = ({ name, operator }: Person) =>
    operator ? OPERATORS[operator] : `${name.replace(/[^a-z]+/g, "-")}@matrix-${run}.example`;
  const identity = await openIdentity();
  try {
    const founder = await visitWith(`founder@matrix-${run}.example`);
    const visitors = new Map<string, Visitor>();
    await inTurn(
      people.filter(({ token, account }) => token !== "none" && account === undefined),
      async (person) => visitors.set(person.name, await visitWith(emailOf(person))),
    );
    const visitorOf: VisitorOf = (name) => {
      const visitor = visitors.get(name);
      if (!visitor) throw new Error(`${name} has not logged in`);
      return visitor;
    };
    const founding: Founding = { platform, run, founder, identity };
    const operators = {
      platform: visitorOf("platform operator"),
      billing: visitorOf("billing operator"),
    };
    const founded = await found(founding, operators);
    const participants = new Map(
      people.flatMap((person) => (person.participant ? [[person.participant, visitorOf(person.name)] as const] : [])),
    );
    const organisations = await fillAll(founding, founded, participants);
    const userIds = new Map<string, string>();
    await inTurn(
      people.filter(({ name, holds, held }) => visitors.has(name) && (held !== undefined || holds.length > 0)),
      async ({ name }) => userIds.set(name, (await visitorOf(name).at("account").identity.getMe({})).id),
    );
    const secrets = new Map<string, AccountSecrets>();
    for (const organisation of organisations) {
      secrets.set(organisation.id, await settle(founding, { organisation, userIds, visitorOf }));
    }
    const accountToken = accountTokens(platform.origin, secrets);
    return {
      platform,
      organisations,
      token: async (person, organisationId) => {
        if (person.token === "none") return undefined;
        if (person.account) return accountToken(person, organisationId);
        const place = person.token === "organisation" ? organisationId : person.token;
        return visitorOf(person.name).person.token(place);
      },
    };
  } finally {
    await identity.close();
  }
}

interface Settling {
  organisation: Organisation;
  userIds: ReadonlyMap<string, string>;
  visitorOf: VisitorOf;
}

/** Who holds, held and follows what, and what was withheld; then the service accounts, made by whom they are held to. */
async function settle(founding: Founding, settling: Settling): Promise<AccountSecrets> {
  const { organisation, userIds, visitorOf } = settling;
  const { id, contents } = organisation;
  const taken = await giveRoles(founding, { organisation, userIds });
  const { identity } = founding.founder.at(id);
  const userId = userIds.get("folder manager") ?? "";
  await identity.withholdRight({ id: contents.withheldRightId, projectId: contents.projects.withheld, userId });
  for (const { name, follows } of people)
    if (follows) await visitorOf(name).at(id).projects.followProject({ projectId: contents.projects[follows] });
  const secrets = await makeServiceAccounts(founding, { organisation, visitorOf });
  for (const { grantId, version } of taken) await identity.takeRole({ grantId }, { ifMatch: version });
  return secrets;
}

/** The organisations with their first admin, and credits. */
async function found(
  { platform, run, founder }: Founding,
  operators: { platform: Visitor; billing: Visitor },
): Promise<{ id: string; setting: Setting }[]> {
  const founded = settings.map((setting) => ({ id: newId("org"), setting }));
  for (const { id, setting } of founded) {
    const of = { name: `Matrix ${run} ${setting.name}`, timeZone: "Europe/London", language: "en" };
    await operators.platform.at("platform").identity.createOrganisation({ id, preset: setting.preset, ...of });
    const invitation = { organisationId: id, id: newId("inv"), email: founder.email };
    await operators.platform.at("platform").identity.inviteFirstAdmin(invitation);
  }
  await acceptAll(platform, founder, founded.length);
  await Promise.all(
    founded.map(async ({ id, setting }) => {
      if (setting.redacted) await founder.at(id).identity.switchRedactedAccessOn({});
      const orderId = newId("ord");
      await founder.at(id).billing.createOrder({ id: orderId, credits: CREDITS });
      await operators.billing.at("platform").billing.confirmOrder({ orderId });
    }),
  );
  return founded;
}

async function fillAll(
  founding: Founding,
  founded: readonly { id: string; setting: Setting }[],
  participants: ReadonlyMap<ParticipantName, Visitor>,
): Promise<Organisation[]> {
  const started = await Promise.all(
    founded.map(async ({ id, setting }) => ({ id, setting, filling: await fill(founding, { id, participants }) })),
  );
  await Promise.all([...participants.values()].map((visitor) => acceptAll(founding.platform, visitor, founded.length)));
  return Promise.all(
    started.map(async ({ id, setting, filling }) => ({ id, setting, contents: await filling.finish() })),
  );
}

/** Accepts what a person was invited to, when all of it has arrived. */
async function acceptAll({ mailboxUrl }: TestPlatformFacts, visitor: Visitor, count: number): Promise<void> {
  const until = Date.now() + 60_000;
  let tokens: string[] = [];
  while (tokens.length < count && Date.now() < until) {
    const mails = await mailsTo(mailboxUrl, visitor.email);
    tokens = mails.flatMap(({ text }) => /\/invitations#([A-Za-z0-9_-]{43})/.exec(text)?.[1] ?? []);
    if (tokens.length < count) await new Promise((resolve) => setTimeout(resolve, 100));
  }
  if (tokens.length < count) throw new Error(`${tokens.length} of ${count} invitations came to ${visitor.email}.`);
  for (const token of tokens) await visitor.at("account").identity.acceptInvitation({ token });
}

/** A few at once: each log-in is a dozen requests. */
async function inTurn<T>(items: readonly T[], work: (item: T) => Promise<unknown>): Promise<void> {
  const waiting = [...items];
  const worker = async () => {
    for (let item = waiting.shift(); item !== undefined; item = waiting.shift()) await work(item);
  };
  await Promise.all(Array.from({ length: 6 }, worker));
}

/** identity's database, for what no route gives: roles on albums and events, and on boards without any other. */
async function openIdentity(): Promise<mongoose.Connection> {
  const { MONGODB_URI = "", MONGODB_DATABASE_PREFIX = "" } = process.env;
  return mongoose.createConnection(MONGODB_URI, { dbName: `${MONGODB_DATABASE_PREFIX}_identity` }).asPromise();
}
