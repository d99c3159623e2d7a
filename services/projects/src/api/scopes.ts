import type { Caller } from "@partake/authz";
import { failure } from "@partake/failure";
import type { Implementation } from "@partake/rpc";
import { type Parts, type PlacesSource, readRecordScopes } from "@partake/service";
import { type Store, trusted } from "@partake/store";
import { scopeOf } from "../outcomes.ts";
import { deletionRequests } from "../store/deletion-requests.ts";
import { folders } from "../store/folders.ts";
import { projects } from "../store/projects.ts";

const PAGE = 200;
const IDS_MAXIMUM = 1_000;

interface Asked {
  organisationId?: string | undefined;
  projectIds?: readonly string[];
  cursor: string;
  caller: Caller;
}

/** Every project's place, for the live views of the services. Deleted ones are told, too: that is what they must know of them. */
export function scopesApi({ store }: Parts): Pick<Implementation<"Projects">, "readScopes" | "readRecordScopes"> {
  return {
    readRecordScopes: readRecordScopes(store, { fld: folders, prj: projects, drq: deletionRequests }),
    readScopes: ({ organisationId, projectIds, cursor }, { caller }) =>
      readScopes(store, { organisationId, projectIds, cursor, caller }),
  };
}

/** The same for this service's own live view, which need not ask itself over the network. */
export function placesSource({ store }: Parts): PlacesSource {
  const caller: Caller = { kind: "service", service: "projects" };
  return { read: (of) => readScopes(store, { ...of, caller }) };
}

async function readScopes(store: Store, { organisationId, projectIds = [], cursor, caller }: Asked) {
  if (projectIds.length > 0) {
    const found = await store.find(projects, { _id: trusted({ $in: [...projectIds] }) }, { limit: IDS_MAXIMUM });
    return { items: found.map(scopeOf), nextCursor: "" };
  }
  if (organisationId === undefined) throw failure("invalid", "organisation_or_projects");
  const page = await store.list(projects, { visible: { organisationId }, limit: PAGE, cursor, call: { caller } });
  return { items: page.items.map(scopeOf), nextCursor: page.nextCursor };
}
