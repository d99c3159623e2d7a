import { run } from "@partake/service";
import { placesSource } from "./api/scopes.ts";
import { api } from "./api.ts";
import { folders } from "./store/folders.ts";
import { projects } from "./store/projects.ts";

await run({ name: "projects", collections: [folders, projects], api, placesSource });
