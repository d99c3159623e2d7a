import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { deletionApi } from "./api/deletion.ts";
import { deletionRequestsApi } from "./api/deletion-requests.ts";
import { foldersApi } from "./api/folders.ts";
import { followsApi } from "./api/follows.ts";
import { imagesApi } from "./api/images.ts";
import { placesApi } from "./api/places.ts";
import { projectsApi } from "./api/projects.ts";
import { scopesApi } from "./api/scopes.ts";
import { visitorsApi } from "./api/visitors.ts";
import type { PublicOrganisations } from "./public-organisations.ts";

/** The RPCs of the Projects service. */
export function api(parts: Parts, organisations: PublicOrganisations): { Projects: Implementation<"Projects"> } {
  return {
    Projects: {
      ...foldersApi(parts),
      ...projectsApi(parts),
      ...placesApi(parts),
      ...deletionApi(parts),
      ...deletionRequestsApi(parts),
      ...followsApi(parts),
      ...imagesApi(parts, organisations),
      ...visitorsApi(parts, organisations),
      ...scopesApi(parts),
    },
  };
}
