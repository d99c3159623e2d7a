import { newId } from "@partake/testing";
import { type Holding, people } from "./people.ts";
import type { Founding, Organisation } from "./world.ts";

interface Given {
  role: string;
  scope: string;
  projectId?: string;
}

/** A role that is to be taken once its holder has done what it let them do. */
interface Taken {
  grantId: string;
  version: number;
}

const DAY_MS = 24 * 3_600_000;

/**
 * Puts what people hold where identity keeps it, before any of them has a token there: albums and events do not exist yet, and
 * boards' roles without any other need no colleague. How roles are given is the business of the RPCs that give them.
 */
export async function giveRoles(
  { identity }: Founding,
  { organisation, userIds }: { organisation: Organisation; userIds: ReadonlyMap<string, string> },
): Promise<Taken[]> {
  const { id: organisationId, contents } = organisation;
  const stranger = newId("usr");
  const held = [
    ...people.flatMap(({ name, account, holds, held: before }) => {
      const at = (holding: Holding) => ({
        holder: name,
        userId: userIds.get(name) ?? "",
        ...givenAt(organisation, holding),
      });
      if (account) return [];
      const expiresAt = before?.how === "expired" ? { expiresAt: new Date(Date.now() - DAY_MS) } : {};
      return [...holds.map(at), ...(before?.roles ?? []).map((holding) => ({ ...at(holding), ...expiresAt }))];
    }),
    // Somebody who is nobody of the matrix holds the same beside it.
    ...strangersHoldings.map((holding) => ({
      holder: "stranger",
      userId: stranger,
      ...givenAt(organisation, holding),
    })),
  ];
  const versions = identity.collection<{ _id: string; grantsVersion: number; version: number }>("grant_versions");
  const raised = await versions.findOneAndUpdate(
    { _id: organisationId },
    { $inc: { grantsVersion: 1, version: 1 } },
    { returnDocument: "after" },
  );
  const grants = held.map(({ holder: _holder, ...given }) => ({
    _id: newId("grn"),
    version: 1,
    organisationId,
    ...given,
    grantsVersion: raised?.grantsVersion ?? 1,
    removed: false,
    origin: "given",
    grantedBy: stranger,
    grantedAt: new Date(),
  }));
  const collection = identity.collection<{ _id: string }>("grants");
  await collection.insertMany(grants);
  const idOf = (holder: string, role: string) => {
    const at = held.findIndex((one) => one.holder === holder && one.role === role);
    return grants[at]?._id ?? "";
  };
  contents.grants = {
    organisation: idOf("member", "member"),
    own: {
      folder: idOf("folder manager", "folder_manager"),
      project: idOf("observer", "observer"),
      board: idOf("board member", "board_member"),
    },
    sibling: {
      folder: idOf("stranger", "folder_manager"),
      project: idOf("stranger", "observer"),
      board: idOf("stranger", "board_member"),
    },
    contacts: await creatorsGrants(),
  };
  return people
    .filter((person) => person.held?.how === "taken")
    .flatMap(({ name, held: before }) =>
      (before?.roles ?? []).map(({ role }) => ({ grantId: idOf(name, role), version: raised?.grantsVersion ?? 1 })),
    );

  /** Whoever made a contact got a level on it. */
  async function creatorsGrants(): Promise<Record<string, string>> {
    const found = await collection
      .find({ organisationId, role: "contact_updates", origin: "creator" })
      .project<{ _id: string; scope: string }>({ scope: 1 })
      .toArray();
    return Object.fromEntries(found.map(({ _id, scope }) => [scope, _id]));
  }
}

const strangersHoldings: readonly Holding[] = [
  { role: "folder_manager", folder: "sibling" },
  { role: "observer", project: "sibling" },
  { role: "board_member", board: "sibling" },
];

function givenAt({ id, contents }: Organisation, holding: Holding): Given {
  const { role } = holding;
  if ("folder" in holding) return { role, scope: contents.folders[holding.folder] };
  if ("project" in holding) return { role, scope: contents.projects[holding.project] };
  if ("contact" in holding) return { role, scope: contents.contacts[holding.contact] };
  if ("board" in holding)
    return { role, scope: contents.boards[holding.board], projectId: contents.projects[holding.board] };
  if ("album" in holding) return { role, scope: newId("alb"), projectId: contents.projects[holding.album] };
  if ("event" in holding) return { role, scope: newId("evt"), projectId: contents.projects[holding.event] };
  return { role, scope: id };
}
