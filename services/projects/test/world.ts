import type { Clock } from "@partake/service";
import { newId, type ServiceWorld, startServiceWorld, type TestCaller } from "@partake/testing";
import { definition } from "../src/definition.ts";

/** What identity was asked for, and whether it answers. */
export interface PlayedIdentity {
  asked: object[];
  isAway: boolean;
  /** What it says of organisations; of others it knows nothing. */
  organisations: Map<
    string,
    { state: "active" | "suspended" | "closed"; visitorsSeeProjects: boolean; version: number }
  >;
  /** How often it was asked for an organisation. */
  reads: number;
  names: Map<string, string>;
}

export interface ProjectsWorld extends ServiceWorld {
  identity: PlayedIdentity;
  folder(by: TestCaller, title?: string): Promise<Shown>;
  project(by: TestCaller, request?: object): Promise<Shown>;
}

/** How long a test waits for what an event or a job brings: on a busy machine that may take its time. */
export const soon = { timeout: 20_000 };

export interface Shown {
  id: string;
  version: number;
  [field: string]: unknown;
}

export async function startProjectsWorld(options: { clock?: Clock } = {}): Promise<ProjectsWorld> {
  const identity: PlayedIdentity = { asked: [], isAway: false, organisations: new Map(), reads: 0, names: new Map() };
  const giveCreatorRole = async (request: object) => {
    if (identity.isAway) throw new Error("nobody is there");
    identity.asked.push(request);
    return {};
  };
  const readOrganisation = async ({ organisationId }: { organisationId: string }) => {
    identity.reads += 1;
    if (identity.isAway) throw new Error("nobody is there");
    return identity.organisations.get(organisationId) ?? { visitorsSeeProjects: false, version: 0 };
  };
  const readUsers = async ({ userIds = [] }: { userIds?: readonly string[] }) => {
    if (identity.isAway) throw new Error("nobody is there");
    const items = userIds.map((userId) => ({
      userId,
      name: identity.names.get(userId) ?? "",
      email: "",
      language: "en",
    }));
    return { items };
  };
  const world = await startServiceWorld({
    definition: definition({ removalEveryMs: 200 }),
    topics: ["scopes", "audit", "deletion-requests"],
    clients: { Identity: { giveCreatorRole, readOrganisation, readUsers } },
    ...options,
  });
  return {
    ...world,
    identity,
    folder: (by, title = "Neighbours") => world.call(by, "CreateFolder", { id: newId("fld"), title }),
    project: (by, request = {}) =>
      world.call(by, "CreateProject", { id: newId("prj"), title: "Walking group", ...request }),
  };
}
