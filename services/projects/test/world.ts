import type { Clock } from "@partake/service";
import { newId, type ServiceWorld, startServiceWorld, type TestCaller } from "@partake/testing";
import { definition } from "../src/definition.ts";

/** What identity was asked for, and whether it answers. */
export interface PlayedIdentity {
  asked: object[];
  isAway: boolean;
}

export interface ProjectsWorld extends ServiceWorld {
  identity: PlayedIdentity;
  folder(by: TestCaller, title?: string): Promise<Shown>;
  project(by: TestCaller, request?: object): Promise<Shown>;
}

export interface Shown {
  id: string;
  version: number;
  [field: string]: unknown;
}

export async function startProjectsWorld(options: { clock?: Clock } = {}): Promise<ProjectsWorld> {
  const identity: PlayedIdentity = { asked: [], isAway: false };
  const giveCreatorRole = async (request: object) => {
    if (identity.isAway) throw new Error("nobody is there");
    identity.asked.push(request);
    return {};
  };
  const world = await startServiceWorld({
    definition: definition({ removalEveryMs: 200 }),
    topics: ["scopes", "audit"],
    clients: { Identity: { giveCreatorRole } },
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
