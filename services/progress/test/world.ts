import type { Events } from "@partake/contract";
import {
  newId,
  type ServiceWorld,
  type ServiceWorldOptions,
  startServiceWorld,
  type TestCaller,
  type TestRole,
} from "@partake/testing";
import { definition } from "../src/definition.ts";
import { contactScopes } from "../src/store/contact-scopes.ts";
import { participations } from "../src/store/participations.ts";

type ParticipationTold = Events["org.partake.participation.changed.v1"];
type ContactTold = Events["org.partake.contact.scope-changed.v1"];
export type Person = TestCaller & { kind: "person" };
export type Shown = { id: string; version: number } & Record<string, unknown>;

/** What the services around progress answer. */
export interface Surroundings {
  names: Map<string, string>;
  namesAway: boolean;
  contacts: Map<string, ContactTold>;
  contactReads: number;
}

export interface Enrolled {
  participationId: string;
  contactId: string;
  pseudonym: string;
  person: Person;
}

export interface EnrolOptions {
  boardId: string;
  projectId?: string;
  level?: ParticipationTold["level"];
  peerReview?: boolean;
  /** What their live grant says; their participation was active before. */
  state?: "active" | "paused" | "ended";
  /** Roles beside that of a participant. */
  roles?: readonly TestRole[];
}

export interface ProgressWorld extends ServiceWorld {
  around: Surroundings;
  projectId: string;
  otherProjectId: string;
  admin: Person;
  manager: Person;
  member(roles: readonly TestRole[]): Person;
  /** Tells what contacts would tell, and waits until it is known. */
  tellContact(told: ContactTold): Promise<void>;
  tellParticipation(told: ParticipationTold): Promise<void>;
  contact(projectIds?: readonly string[]): Promise<string>;
  enrol(options: EnrolOptions): Promise<Enrolled>;
  board(cards: readonly object[], projectId?: string): Promise<Shown>;
  metric(more?: object, projectId?: string): Promise<Shown>;
  question(more?: object, projectId?: string): Promise<Shown>;
  answer(by: TestCaller, to: { participationId: string }, more: object): Promise<Shown>;
}

export async function startProgressWorld(options: Pick<ServiceWorldOptions, "clock"> = {}): Promise<ProgressWorld> {
  const around: Surroundings = { names: new Map(), namesAway: false, contacts: new Map(), contactReads: 0 };
  const places: NonNullable<ServiceWorldOptions["places"]>[number][] = [];
  const topics = ["progress", "activity", "audit"];
  const world = await startServiceWorld({
    definition: definition({ emptyingEveryMs: 200 }),
    topics,
    places,
    clients: played(around, places),
    ...options,
  });
  const { organisationId } = world;
  const [projectId, otherProjectId] = [newId("prj"), newId("prj")];
  for (const id of [projectId, otherProjectId]) {
    places.push({ projectId: id, organisationId, status: "published", visibility: "people", version: 1 });
  }
  const member = (roles: readonly TestRole[]) => world.person(roles) as Person;
  const admin = member([["admin", organisationId]]);
  const create = (name: string, prefix: string) => (request: object) =>
    world.call<Shown>(admin, name, { id: newId(prefix), ...request });

  const tellContact = async (told: ContactTold) => {
    around.contacts.set(told.contactId, told);
    await world.parts.bus.publish({ type: "org.partake.contact.scope-changed.v1", data: told });
    await until(
      async () => ((await world.parts.store.get(contactScopes, told.contactId))?.sourceVersion ?? 0) >= told.version,
    );
  };
  const tellParticipation = async (told: ParticipationTold) => {
    await world.parts.bus.publish({ type: "org.partake.participation.changed.v1", data: told });
    await until(
      async () =>
        ((await world.parts.store.get(participations, told.participationId))?.sourceVersion ?? 0) >= told.version,
    );
  };
  const contact = async (projectIds: readonly string[] = [projectId]) => {
    const contactId = newId("con");
    const told = { contactId, organisationId, projectIds: [...projectIds], deleted: false, createdBy: admin.userId };
    await tellContact({ ...told, version: 1 });
    return contactId;
  };

  return {
    ...world,
    around,
    projectId,
    otherProjectId,
    admin,
    manager: member([["manager", projectId]]),
    member,
    tellContact,
    tellParticipation,
    contact,
    async enrol({ boardId, level = "discuss", peerReview = false, state = "active", roles = [], ...of }) {
      const project = of.projectId ?? projectId;
      const contactId = await contact([project]);
      const [participationId, pseudonym] = [newId("par"), newId("psn")];
      const ids = { participationId, organisationId, projectId: project, boardId, contactId };
      await world.call(world.service("contacts"), "AddToBoard", { ...ids, pseudonym });
      const rights = { participationId, contactId, boardId, level, peerReview, state };
      const person = member([["participant", project, project, rights], ...roles]);
      const { userId } = person;
      await tellParticipation({ ...ids, userId, level, peerReview, state, version: 3 });
      const linked = { contactId, organisationId, projectIds: [project], userId, deleted: false };
      await tellContact({ ...linked, createdBy: admin.userId, version: 2 });
      return { participationId, contactId, pseudonym, person };
    },
    board: (cards, of = projectId) =>
      create("CreateBoard", "brd")({ projectId: of, title: "Board", managed: true, cards }),
    metric: (more = {}, of = projectId) =>
      create(
        "CreateMetric",
        "met",
      )({ projectId: of, title: "Days active per week", kind: "number", unit: "days", ...more }),
    question: (more = {}, of = projectId) =>
      create(
        "CreateQuestion",
        "qst",
      )({
        ...{ projectId: of, text: "How satisfied are you with your life?", kind: "scale" },
        ...{ scale: { minimum: 0, maximum: 10, minimumLabel: "not at all", maximumLabel: "completely" }, ...more },
      }),
    answer: (by, { participationId }, more) =>
      world.call<Shown>(by, "CreatePost", { id: newId("pst"), participationId, kind: "answer", ...more }),
  };
}

const WAIT_MS = 15_000;

/** What is told by an event takes a moment. */
export async function until(isThere: () => Promise<boolean>): Promise<void> {
  const deadlineMs = Date.now() + WAIT_MS;
  while (!(await isThere())) {
    if (Date.now() > deadlineMs) throw new Error(`nothing came within ${WAIT_MS} ms`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

type Clients = NonNullable<ServiceWorldOptions["clients"]>;
type Places = NonNullable<ServiceWorldOptions["places"]>;

function played(around: Surroundings, places: Places): Clients {
  return {
    Identity: {
      async readUsers({ userIds = [] }) {
        if (around.namesAway) throw new Error("nobody is there");
        const known = userIds.flatMap((userId) => {
          const name = around.names.get(userId);
          return name === undefined ? [] : [{ userId, name, email: "", language: "en" }];
        });
        return { items: known };
      },
    },
    Contacts: {
      async readContactScopes({ contactIds = [] }) {
        around.contactReads += 1;
        const items = contactIds.flatMap((contactId) => around.contacts.get(contactId) ?? []);
        return { items: items.filter(({ deleted }) => !deleted) };
      },
    },
    Projects: {
      async readScopes({ projectIds = [] }) {
        return { items: places.filter(({ projectId }) => projectIds.includes(projectId)), nextCursor: "" };
      },
    },
  };
}
