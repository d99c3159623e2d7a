import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { type FolderRecord, folders } from "../store/folders.ts";

type Folders = Pick<Implementation<"Projects">, "createFolder" | "getFolder" | "listFolders" | "updateFolder">;

/** Folders of an organisation's projects. (P1) */
export function foldersApi({ store }: Parts): Folders {
  return {
    async createFolder({ id: _id, title, description, position }, call) {
      const { organisationId, actorId: ownerId } = call;
      const { id } = await store.write(call, async (tx) => {
        const owned = { _id, folderId: _id, organisationId, ownerId, createdAt: tx.now };
        await tx.insert(folders, { ...owned, title, description, position, status: "active" });
        tx.audit({ action: "folder.created", organisationId, subjectId: _id });
        return _id;
      });
      return shown(await ownFolder(id, call));
    },

    async getFolder({ folderId }, call) {
      return shown(await ownFolder(folderId, call));
    },

    async listFolders({ limit, cursor }, call) {
      const page = await store.list(folders, {
        visible: call.visible(),
        sort: { field: "position", direction: 1 },
        limit,
        cursor,
        caller: call.caller,
      });
      return { items: page.items.map(shown), nextCursor: page.nextCursor };
    },

    async updateFolder({ folderId, title, description, position, status }, call) {
      const { organisationId } = await ownFolder(folderId, call);
      await store.write(call, async (tx) => {
        const folder = await tx.get(folders, folderId);
        if (!folder) throw failure("not_found", "not_found");
        const changes = {
          ...(title !== undefined && { title }),
          ...(description !== undefined && { description }),
          ...(position !== undefined && { position }),
          ...(status !== undefined && { status }),
        };
        await tx.update(folders, folder, changes);
        tx.audit({ action: "folder.changed", organisationId, subjectId: folderId });
        return folderId;
      });
      return shown(await ownFolder(folderId, call));
    },
  };

  /** The folder, decided on as it is stored: the check before the handler knew no more than its id. */
  async function ownFolder(folderId: string, call: Call): Promise<FolderRecord> {
    const folder = await store.get(folders, folderId);
    call.decide(folder, call.operation.name === "CreateFolder" ? "folder.read" : undefined);
    return folder;
  }
}

function shown({ _id: id, organisationId, title, description, position, status, version, createdAt }: FolderRecord) {
  return { id, organisationId, title, description, position, status, version, createdAt: createdAt.toISOString() };
}
