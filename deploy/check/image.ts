// Holds the Dockerfile against the workspaces: npm installs only for those whose package.json it is given.
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";

interface Workspace {
  name: string;
  folder: string;
  /** Workspaces that it stands on. */
  needs: readonly string[];
}

/** What `deploy/Dockerfile` forgets, in sentences. */
export function forgotten(root: string): string[] {
  const workspaces = new Map(workspacesOf(root).map((workspace) => [workspace.name, workspace]));
  const stages = readFileSync(join(root, "deploy/Dockerfile"), "utf8")
    .split(/^FROM /m)
    .map(stageOf);
  const installed = new Set(stages.flatMap(({ installs }) => installs));
  const services = [...workspaces.values()].filter(({ folder }) => folder.startsWith("services/"));
  return [
    ...services
      .filter(({ name }) => !installed.has(name))
      .map(({ name }) => `deploy/Dockerfile lacks --workspace ${name}.`),
    ...stages.flatMap(({ installs, copies }) =>
      reached(installs, workspaces)
        .filter(({ folder }) => !copies.has(folder))
        .map(({ folder }) => `deploy/Dockerfile lacks COPY ${folder}/package.json ${folder}/.`),
    ),
  ];
}

function stageOf(text: string): { installs: string[]; copies: ReadonlySet<string> } {
  const of = (pattern: RegExp) => [...text.matchAll(pattern)].map(([, found = ""]) => found);
  return { installs: of(/--workspace (\S+)/g), copies: new Set(of(/^COPY (\S+)\/package\.json /gm)) };
}

function reached(names: readonly string[], workspaces: ReadonlyMap<string, Workspace>): Workspace[] {
  const seen = new Set<Workspace>();
  const visit = (name: string): void => {
    const workspace = workspaces.get(name);
    if (workspace === undefined || seen.has(workspace)) return;
    seen.add(workspace);
    workspace.needs.forEach(visit);
  };
  names.forEach(visit);
  return [...seen];
}

function workspacesOf(root: string): Workspace[] {
  const inside = (top: string) => readdirSync(join(root, top)).map((name) => `${top}/${name}`);
  const folders = ["proto", ...inside("libs"), ...inside("services")];
  return folders
    .filter((folder) => existsSync(join(root, folder, "package.json")))
    .map((folder) => {
      const { name, dependencies = {} } = JSON.parse(readFileSync(join(root, folder, "package.json"), "utf8")) as {
        name: string;
        dependencies?: Record<string, string>;
      };
      return { name, folder, needs: Object.keys(dependencies) };
    });
}
