import type { ServiceDefinition } from "@partake/service";
import { leavingBytes, uploadEndings } from "@partake/uploads";
import { placesSource } from "./api/scopes.ts";
import { api } from "./api.ts";
import { emptying } from "./ended.ts";
import { events } from "./events.ts";
import { PublicOrganisations } from "./public-organisations.ts";
import { removal } from "./removal.ts";
import { deletionRequests } from "./store/deletion-requests.ts";
import { folders, folderTurns } from "./store/folders.ts";
import { follows } from "./store/follows.ts";
import { images } from "./store/images.ts";
import { projects } from "./store/projects.ts";

const removalEveryMs = 60_000;

/** The whole service. */
export function definition(options: { removalEveryMs?: number } = {}): ServiceDefinition {
  const organisations = new PublicOrganisations();
  const everyMs = options.removalEveryMs ?? removalEveryMs;
  return {
    name: "projects",
    collections: [
      ...[folders, folderTurns, projects, follows, deletionRequests],
      ...[images, leavingBytes, uploadEndings],
    ],
    api: (parts) => api(parts, organisations),
    consumers: () => [events],
    broadcasts: () => [organisations.broadcast],
    placesSource,
    background: (parts) => [Promise.resolve(removal(parts, everyMs)), Promise.resolve(emptying(parts, everyMs))],
  };
}
