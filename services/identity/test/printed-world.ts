import { type IdentityWorld, type Person, startIdentityWorld } from "./identity-world.ts";
import { askForTokens, authorizationUrl, Browser, claimsOf, type Page, pkce, redirectUri } from "./login-world.ts";
import { SoftwareAuthenticator } from "./software-authenticator.ts";

export interface Enrolment {
  inviteBy?: "email" | "printed";
  email?: string;
  projectId?: string;
  sender?: Person;
  contactId?: string;
}

/** An organisation that prints codes, and people who log in with them. */
export interface PrintedWorld extends IdentityWorld {
  org: { id: string; admin: Person };
  project: string;
  manager: Person;
  /** Somebody with a role in the organisation. */
  member(role: string, scope?: string): Promise<Person>;
  somebody(): Promise<Person>;
  /** The first step of an enrolment, as contacts asks for it. */
  reserved(more?: Enrolment): Promise<string>;
  /** All that comes before an answer of the person. */
  enrolled(more?: Enrolment): Promise<string>;
  print(participationId: string, by?: Person, id?: string): ReturnType<ReturnType<IdentityWorld["with"]>["printCode"]>;
  /** The role that contacts gives once a participation is accepted. */
  putRole(participationId: string, userId: string, state?: "active" | "ended", version?: number): Promise<void>;
  /** A log-in that went on with a code. */
  typed(code: string, browser?: Browser): Promise<Visit>;
  options(visit: Visit): Promise<CreationOptions>;
  /** `asked`: what the device was asked before, instead of now. */
  setUp(visit: Visit, device: SoftwareAuthenticator, asked?: CreationOptions): Promise<Page>;
  /** From the code to the tokens. */
  redeemed(code: string, device?: SoftwareAuthenticator): Promise<Person & { device: SoftwareAuthenticator }>;
  device(): SoftwareAuthenticator;
}

export type CreationOptions = Parameters<SoftwareAuthenticator["create"]>[0];

export interface Visit {
  browser: Browser;
  page: Page;
  verifier: string;
}

export async function startPrintedWorld(): Promise<PrintedWorld> {
  const world = await startIdentityWorld();
  const org = await world.organisation("On Paper");
  const project = world.newId("prj");
  world.elsewhere.projects.set(project, { organisationId: org.id });
  const addressOf = (name: string) => `${name}-${world.newId("eml").slice(-8)}@example.org`;
  const member = (role: string, scope?: string) =>
    world.colleague({
      ...{ organisationId: org.id, admin: org.admin, email: addressOf(role), role },
      ...(scope !== undefined && { scope }),
    });
  const manager = await member("manager", project);
  const somebody = () => world.person(addressOf("somebody"));

  async function reserved(more: Enrolment = {}): Promise<string> {
    const { inviteBy = "printed", email = "", projectId = project, sender = manager } = more;
    const { contactId = world.newId("con") } = more;
    const [participationId, boardId] = [world.newId("par"), world.newId("brd")];
    world.elsewhere.participations.set(participationId, { projectId, contactId, boardId });
    const organisationId = world.elsewhere.projects.get(projectId)?.organisationId ?? "";
    const of = { participationId, organisationId, projectId, contactId, actorId: sender.userId };
    await world.from("contacts").reserveAccount({ ...of, email, name: "Pat Client", inviteBy });
    return participationId;
  }

  async function typed(code: string, browser = new Browser()): Promise<Visit> {
    const { verifier, challenge } = pkce();
    const start = await browser.open(authorizationUrl(world.place, { challenge, prompt: "login" }));
    const link = /href="([^"]*\/printed)"/.exec(start.text)?.[1] ?? "nowhere";
    const asked = await browser.open(new URL(link, start.url).href);
    return { browser, verifier, page: await browser.submit(asked, { code }) };
  }

  async function options({ browser, page }: Visit): Promise<CreationOptions> {
    const path = /data-options="([^"]*)"/.exec(page.text)?.[1] ?? "nowhere";
    const answer = await browser.open(new URL(path, page.url).href);
    return JSON.parse(answer.text) as CreationOptions;
  }

  async function setUp(visit: Visit, device: SoftwareAuthenticator, asked?: CreationOptions): Promise<Page> {
    const { transports, ...answer } = device.create(asked ?? (await options(visit)));
    return visit.browser.submit(visit.page, { ...answer, transports: transports.join(" ") });
  }

  const device = () => new SoftwareAuthenticator({ origin: world.origin });
  return {
    ...world,
    ...{ org, project, manager, member, somebody, reserved, typed, options, setUp, device },
    async enrolled(more) {
      const participationId = await reserved(more);
      await world.from("contacts").inviteParticipant({ participationId });
      return participationId;
    },
    async print(participationId, by = manager, id = world.newId("cod")) {
      return (await world.as(by, org.id)).printCode({ participationId, id });
    },
    async putRole(participationId, userId, state = "active", version = 1) {
      const part = world.elsewhere.participations.get(participationId);
      if (part === undefined) throw new Error("no such participation");
      const { projectId, contactId, boardId } = part;
      const participant = { participationId, contactId, boardId, level: "discuss" as const, peerReview: false, state };
      const organisationId = world.elsewhere.projects.get(projectId)?.organisationId ?? "";
      await world.from("contacts").putParticipantRole({ organisationId, userId, projectId, participant, version });
    },
    async redeemed(code, own = device()) {
      const visit = await typed(code);
      const end = await setUp(visit, own);
      const given = new URL(end.url).searchParams.get("code");
      if (given === null) throw new Error(`no code: ${end.url} ${end.status} ${end.text.slice(0, 800)}`);
      const rest = { code: given, redirect_uri: redirectUri, code_verifier: visit.verifier };
      const tokens = await askForTokens(world.place, { grant_type: "authorization_code", ...rest });
      const userId = String(claimsOf(tokens.access_token)["sub"]);
      return { email: "", userId, refreshToken: tokens.refresh_token, device: own };
    },
  };
}

/** All that identity's database holds, as text. */
export async function storedText({ database }: IdentityWorld): Promise<string> {
  const collections = (await database.db?.collections()) ?? [];
  const found = await Promise.all(collections.map((collection) => collection.find().toArray()));
  return JSON.stringify(found);
}
