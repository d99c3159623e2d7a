import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { checkFile } from "../domain/media-types.ts";
import { entries } from "../store/entries.ts";
import { type FileRecord, files, fileUploads, LOOSE_MAXIMUM } from "../store/files.ts";
import { participations } from "../store/participations.ts";

type Files = Pick<
  Implementation<"Progress">,
  "createFile" | "completeFile" | "getFile" | "readLeavingBytes" | "forgetBytes"
>;

/** Records of files; the gateway keeps their bytes and asks here who may add and see them. (G19) */
export function filesApi({ store }: Parts): Files {
  return {
    ...fileUploads.rpcs(store),

    async createFile(request, call: Call) {
      const { id: _id, participationId, name, mediaType } = request;
      const participation = await store.get(participations, participationId);
      call.decide(participation);
      checkFile(request);
      const { organisationId, projectId, contactId } = participation;
      const ownerId = call.actorId;
      const { id } = await store.write(call, async (tx) => {
        const waiting = await tx.find(files, { participationId, ownerId, loose: true }, { limit: LOOSE_MAXIMUM });
        const isNew = !waiting.some((file) => file._id === _id);
        if (isNew && waiting.length >= LOOSE_MAXIMUM) throw failure("unprocessable", "too_many");
        const file = { _id, organisationId, projectId, contactId, participationId, ownerId, name, mediaType };
        return (await fileUploads.announce(tx, { ...file, loose: true, createdAt: tx.now }))._id;
      });
      return shown(await store.get(files, id));
    },

    async completeFile({ fileId, size, sha256 }, call: Call) {
      const file = await store.get(files, fileId);
      const participation = await store.get(participations, file?.participationId ?? fileId);
      call.decide(file?.ownerId === call.actorId ? participation : undefined);
      await store.write(call, async (tx) => {
        await fileUploads.complete(tx, fileId, { size, sha256 });
        return fileId;
      });
      return shown(await store.get(files, fileId));
    },

    /** A file that a post names is seen by those who see the post; before, only by who uploaded it. */
    async getFile({ fileId }, call: Call) {
      const file = await store.get(files, fileId);
      const [post, participation] = await Promise.all([
        store.get(entries, file?.postId ?? fileId),
        store.get(participations, file?.participationId ?? fileId),
      ]);
      const isOwn = file?.loose === true && file.ownerId === call.actorId;
      const own = isOwn && participation ? { ...participation, ownerId: file.ownerId } : undefined;
      call.decide(file?.loose === false ? post : own);
      return shown(file);
    },
  };
}

function shown(file: FileRecord | undefined) {
  if (!file) throw failure("not_found", "not_found");
  const { _id: id, projectId, name, mediaType, size, sha256, state, version } = file;
  return { id, projectId, name, mediaType, size, sha256, state, version };
}
