import type { ServiceDefinition } from "@partake/service";
import { newId, type ServiceWorld, startServiceWorld, type TestCaller } from "@partake/testing";
import { placesSource } from "../src/api/scopes.ts";
import { api } from "../src/api.ts";
import { folders } from "../src/store/folders.ts";
import { projects } from "../src/store/projects.ts";

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

export async function startProjectsWorld(): Promise<ProjectsWorld> {
  const identity: PlayedIdentity = { asked: [], isAway: false };
  const definition: ServiceDefinition = { name: "projects", collections: [folders, projects], placesSource, api };
  const giveCreatorRole = async (request: object) => {
    if (identity.isAway) throw new Error("nobody is there");
    identity.asked.push(request);
    return {};
  };
  const world = await startServiceWorld({ definition, topics: ["scopes"], clients: { Identity: { giveCreatorRole } } });
  return {
    ...world,
    identity,
    folder: (by, title = "Neighbours") => world.call(by, "CreateFolder", { id: newId("fld"), title }),
    project: (by, request = {}) =>
      world.call(by, "CreateProject", { id: newId("prj"), title: "Walking group", ...request }),
  };
}
