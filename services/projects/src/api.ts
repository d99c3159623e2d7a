import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { foldersApi } from "./api/folders.ts";
import { projectsApi } from "./api/projects.ts";
import { scopesApi } from "./api/scopes.ts";

/** The RPCs of the Projects service. */
export function api(parts: Parts): { Projects: Implementation<"Projects"> } {
  return { Projects: { ...foldersApi(parts), ...projectsApi(parts), ...scopesApi(parts) } };
}
