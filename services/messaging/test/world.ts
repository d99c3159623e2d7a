import type { Role } from "@partake/authz";
import type { ServiceDefinition } from "@partake/service";
import {
  newId,
  type ServiceWorld,
  type ServiceWorldOptions,
  startServiceWorld,
  type TestCaller,
  type TestRole,
} from "@partake/testing";
import { mails } from "../src/store/mails.ts";
import { notifications } from "../src/store/notifications.ts";
import { messaging } from "../src/wiring.ts";
import { type MailServer, type ReceivedMail, startMailServer } from "./mail-server.ts";

export type Person = TestCaller & { kind: "person" };

export interface Notification {
  id: string;
  kind: string;
  projectId: string;
  contactId?: string;
  postId: string;
  deletionRequestId?: string;
  read: boolean;
  version: number;
}

/** messaging with a mail server of its own; identity and projects are played. */
export interface MessagingWorld extends ServiceWorld {
  server: MailServer;
  /** Whom identity lets in no more, who are admins, and whether it answers. Roles are what `person` and `hold` give. */
  identity: {
    disabled: Set<string>;
    admins: Person[];
    isAway: boolean;
  };
  /** The one project that there is. */
  project: { id: string; status: "published" | "deleted" };
  /** A member of the organisation. */
  somebody(): Person;
  /** Beside that they hold this role in the project, or what other roles are given, and no others. */
  sees(who: Person, role: Role, ...more: TestRole[]): void;
  /** A member they stay. */
  seesNothing(who: Person): void;
  inbox(who: Person): Promise<Notification[]>;
  mailsTo(who: Person): ReceivedMail[];
}

export async function startMessagingWorld(): Promise<MessagingWorld> {
  const identity: MessagingWorld["identity"] = { disabled: new Set(), admins: [], isAway: false };
  const project: MessagingWorld["project"] = { id: newId("prj"), status: "published" };
  const there = () => {
    if (identity.isAway) throw new Error("nobody is there");
  };
  const addressOf = (userId: string) => ({
    ...{ userId, name: "marked name", email: `${userId}@example.org`, language: "en" },
  });
  const clients: NonNullable<ServiceWorldOptions["clients"]> = {
    Identity: {
      async readGrants(of) {
        there();
        return { ...world.readGrants(of), enabled: !identity.disabled.has(of.userId) };
      },
      async readUsers({ userIds = [] }) {
        return { items: userIds.map(addressOf) };
      },
      /** Two on a page. */
      async readAdmins({ cursor = "" }) {
        there();
        const from = Number(cursor || 0);
        const items = identity.admins.slice(from, from + 2).map(({ userId }) => addressOf(userId));
        return { items, nextCursor: from + 2 < identity.admins.length ? String(from + 2) : "" };
      },
    },
    Projects: {
      async readScopes({ projectIds = [] }) {
        const { status } = project;
        const place = { organisationId: world.organisationId, status, visibility: "people" as const, version: 1 };
        return { items: projectIds.map((projectId) => ({ ...place, projectId })), nextCursor: "" };
      },
    },
  };
  const server = await startMailServer();
  const wired = messaging();
  const definition: ServiceDefinition = {
    name: "messaging",
    collections: [mails, notifications],
    ...wired,
    consumers: (parts) => wired.consumers?.(Object.create(parts, { clients: { value: clients } })) ?? [],
  };
  const environment = { SMTP_URL: server.url, MAIL_FROM: "Partake <no-reply@partake.example.org>" };
  const world = await startServiceWorld({ definition, topics: ["notifications"], clients, environment });
  const asMember: TestRole = ["member", world.organisationId];
  return {
    ...world,
    ...{ server, identity, project },
    somebody: () => world.person([asMember]) as Person,
    sees: (who, role, ...more) => world.hold(who, [asMember, [role, project.id], ...more]),
    seesNothing: (who) => world.hold(who, [asMember]),
    inbox: async (who) => (await world.call<{ items: Notification[] }>(who, "ListMyNotifications")).items,
    mailsTo: (who) => server.received.filter(({ to }) => to.includes(`${who.userId}@example.org`)),
    async stop() {
      await world.stop();
      await server.stop();
    },
  };
}
