import type { RecordScope } from "@partake/authz";
import type { Call } from "@partake/rpc";
import { type Parts, recordScopeOf } from "@partake/service";

type Clients = Parts["clients"];
type Owner = "Projects" | "Contacts" | "Progress";

/** Who owns the records with ids of a prefix, and by which permission somebody knows that one is there. */
const kinds: Record<string, { type: string; owner: Owner; readers: readonly string[] }> = {
  fld: { type: "folder", owner: "Projects", readers: ["folder.read"] },
  prj: { type: "project", owner: "Projects", readers: ["project.read"] },
  drq: { type: "deletion_request", owner: "Projects", readers: ["deletion_request.read"] },
  con: { type: "contact", owner: "Contacts", readers: ["contact.read", "timeline.read"] },
  par: { type: "participation", owner: "Contacts", readers: ["participation.read", "participation.read_own"] },
  brd: { type: "board", owner: "Progress", readers: ["board.read"] },
  met: { type: "metric", owner: "Progress", readers: ["progress_setup.read"] },
  qst: { type: "question", owner: "Progress", readers: ["progress_setup.read"] },
  pst: { type: "post", owner: "Progress", readers: ["post.read"] },
  cmt: { type: "comment", owner: "Progress", readers: ["comment.read"] },
  nte: { type: "note", owner: "Progress", readers: ["timeline.read"] },
};

const idForm = /^[a-z]{3}_[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** The word for what an id names: "project" for prj_…; undefined for what nobody is asked about, and for what is no id. */
export function typeOf(id: string): string | undefined {
  if (!idForm.test(id)) return undefined;
  const prefix = id.slice(0, 3);
  return prefix === "org" ? "organisation" : kinds[prefix]?.type;
}

export function isUserId(id: string): boolean {
  return idForm.test(id) && id.startsWith("usr_");
}

/**
 * What decides access to records, by their ids: those of the caller's organisation. One call to each service that owns some of
 * them. What is not there is left out.
 */
export async function recordFacts(
  clients: Clients,
  call: Call,
  ids: Iterable<string>,
): Promise<Map<string, RecordScope>> {
  const { organisationId } = call;
  const facts = new Map<string, RecordScope>();
  const elsewhere: string[] = [];
  for (const id of ids) {
    if (id === organisationId) facts.set(id, { organisationId });
    else if (kinds[id.slice(0, 3)] !== undefined) elsewhere.push(id);
  }
  const byOwner = Map.groupBy(elsewhere, (id) => kinds[id.slice(0, 3)]?.owner ?? "Projects");
  const reading = [...byOwner].map(([owner, wanted]) => clients[owner].readRecordScopes({ ids: wanted }, { on: call }));
  for (const { items } of await Promise.all(reading)) {
    for (const told of items) if (told.organisationId === organisationId) facts.set(told.id, factsOf(told));
  }
  return facts;
}

type Told = Parameters<typeof recordScopeOf>[0];

/** A project or a folder is decided on as a scope, as the enforcer does: who made it has no right by that. */
function factsOf(told: Told): RecordScope {
  const { id, organisationId } = told;
  if (id.startsWith("prj_")) return { organisationId, projectId: id };
  return id.startsWith("fld_") ? { organisationId, folderId: id } : recordScopeOf(told);
}

/** Whether the caller may know that a record is there. Their own organisation is known to everybody in it. */
export function seesRecord(call: Call, id: string, record: RecordScope): boolean {
  if (id === call.organisationId) return true;
  return kinds[id.slice(0, 3)]?.readers.some((permission) => call.may(permission, record)) ?? false;
}

/** Throws what somebody is told of what is not there, unless each id names something that they may know of: at the same price. */
export async function checkSeen(clients: Clients, call: Call, ids: readonly string[]): Promise<void> {
  const facts = await recordFacts(clients, call, ids);
  const isSeen = (id: string) => {
    const record = facts.get(id);
    return record !== undefined && seesRecord(call, id, record);
  };
  if (!ids.every(isSeen)) call.decide(undefined);
}
