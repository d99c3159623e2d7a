import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { placeOfNewFolder } from "../domain/order.ts";
import { titleWords } from "../domain/title.ts";
import { decidedFolder, present, titleFilter } from "../reading.ts";
import { shownFolder } from "../showing.ts";
import { type FolderRecord, folders } from "../store/folders.ts";

type Folders = Pick<Implementation<"Projects">, "createFolder" | "getFolder" | "listFolders" | "updateFolder">;
type Patch = Omit<Parameters<Folders["updateFolder"]>[0], "folderId">;

/** Folders of an organisation's projects. (P1) */
export function foldersApi({ store }: Parts): Folders {
  return {
    async createFolder({ id: _id, title, description, position }, call: Call) {
      const { organisationId, actorId: ownerId } = call;
      const { id } = await store.write(call, async (tx) => {
        const owned = { _id, folderId: _id, organisationId, ownerId, createdAt: tx.now };
        const place = { position, order: placeOfNewFolder(position, tx.now) };
        const content = { title, titleWords: titleWords(title), description, status: "active" } as const;
        await tx.insert(folders, { ...owned, ...place, ...content });
        tx.audit({ action: "folder.created", organisationId, subjectId: _id });
        return _id;
      });
      return shownFolder(await decidedFolder(store, { folderId: id, permission: "folder.read" }, call));
    },

    async getFolder({ folderId }, call) {
      return shownFolder(await decidedFolder(store, { folderId }, call));
    },

    async listFolders({ limit, cursor, status, title }, call) {
      const page = await store.list(folders, {
        visible: call.visible(),
        filter: { deletedAt: null, ...(status !== undefined && { status }), ...titleFilter(title) },
        sort: { field: "order", direction: 1 },
        limit,
        cursor,
        call,
      });
      return { items: page.items.map(shownFolder), nextCursor: page.nextCursor };
    },

    async updateFolder({ folderId, ...patch }, call) {
      const { organisationId } = await decidedFolder(store, { folderId }, call);
      await store.write(call, async (tx) => {
        const folder = present(await tx.get(folders, folderId));
        const changes = changesOf(folder, patch, tx.now);
        await tx.update(folders, folder, changes);
        tx.audit({ action: "folder.changed", organisationId, subjectId: folderId });
        if (changes.status !== undefined) {
          const action = changes.status === "archived" ? "folder.archived" : "folder.activated";
          tx.audit({ action, organisationId, subjectId: folderId });
        }
        return folderId;
      });
      return shownFolder(await decidedFolder(store, { folderId }, call));
    },
  };
}

function changesOf(folder: FolderRecord, patch: Patch, now: Date): Partial<FolderRecord> {
  const { title, description, position, status } = patch;
  const isElsewhere = position !== undefined && position !== folder.position;
  return {
    ...(title !== undefined && { title, titleWords: titleWords(title) }),
    ...(description !== undefined && { description }),
    ...(isElsewhere && { position, order: placeOfNewFolder(position, now) }),
    ...(status !== undefined && status !== folder.status && { status }),
  };
}
