import type { ServiceDefinition } from "@partake/service";
import {
  newId,
  type ServiceWorld,
  type ServiceWorldOptions,
  startServiceWorld,
  type TestCaller,
} from "@partake/testing";
import { mails } from "../src/store/mails.ts";
import { notifications } from "../src/store/notifications.ts";
import { messaging } from "../src/wiring.ts";
import { type MailServer, type ReceivedMail, startMailServer } from "./mail-server.ts";

export type Person = TestCaller & { kind: "person" };
type Clients = ServiceDefinition extends { api?(parts: infer P): unknown }
  ? P extends { clients: infer C }
    ? C
    : never
  : never;
type Identity = Clients["Identity"];
export type Grant = Awaited<ReturnType<Identity["readGrants"]>>["grants"][number];

export interface Notification {
  id: string;
  kind: string;
  projectId: string;
  postId: string;
  deletionRequestId?: string;
  read: boolean;
  version: number;
}

/** messaging with a mail server of its own; identity and projects are played. */
export interface MessagingWorld extends ServiceWorld {
  server: MailServer;
  /** What identity holds of each person, and whether it answers. */
  identity: {
    grants: Map<string, Omit<Grant, "organisationId" | "userId">[]>;
    disabled: Set<string>;
    admins: Person[];
    isAway: boolean;
  };
  /** The one project that there is. */
  project: { id: string; status: "published" | "deleted" };
  somebody(): Person;
  /** Gives them a role in the project. */
  sees(who: Person, role: string): void;
  inbox(who: Person): Promise<Notification[]>;
  mailsTo(who: Person): ReceivedMail[];
}

const switches = {
  ...{ managersGiveRoles: true, creatorsCreateProjects: true, contactCreators: [] },
  ...{ redactedAccess: false, visitorsSeeProjects: false },
};

export function grant(role: string, scope: string, more: Partial<Grant> = {}) {
  return { id: newId("grn"), role, scope, version: 1, grantedAt: "2026-01-01T00:00:00Z", removed: false, ...more };
}

export async function startMessagingWorld(): Promise<MessagingWorld> {
  const identity: MessagingWorld["identity"] = { grants: new Map(), disabled: new Set(), admins: [], isAway: false };
  const project: MessagingWorld["project"] = { id: newId("prj"), status: "published" };
  const there = () => {
    if (identity.isAway) throw new Error("nobody is there");
  };
  const addressOf = (userId: string) => ({
    ...{ userId, name: "marked name", email: `${userId}@example.org`, language: "en" },
  });
  const clients: NonNullable<ServiceWorldOptions["clients"]> = {
    Identity: {
      async readGrants({ organisationId, userId }) {
        there();
        const grants = (identity.grants.get(userId) ?? []).map((held) => ({ ...held, organisationId, userId }));
        const enabled = !identity.disabled.has(userId);
        return { grants, version: 1, enabled, switches, withheld: [], endedSessionIds: [] };
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
  return {
    ...world,
    ...{ server, identity, project },
    somebody: () => world.person([["member", world.organisationId]]) as Person,
    sees: (who, role) => void identity.grants.set(who.userId, [grant(role, project.id)]),
    inbox: async (who) => (await world.call<{ items: Notification[] }>(who, "ListMyNotifications")).items,
    mailsTo: (who) => server.received.filter(({ to }) => to.includes(`${who.userId}@example.org`)),
    async stop() {
      await world.stop();
      await server.stop();
    },
  };
}
