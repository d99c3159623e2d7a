import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import type { Store, Transaction } from "@partake/store";
import { retireImage } from "../imaging.ts";
import type { PublicOrganisations } from "../public-organisations.ts";
import { decidedFolder, decidedProject } from "../reading.ts";
import { type FolderRecord, folders } from "../store/folders.ts";
import { ANNOUNCED_MAXIMUM, type ImageRecord, images, imageUploads } from "../store/images.ts";
import { isLive, type ProjectRecord, projects } from "../store/projects.ts";
import { isPublic, requireShown } from "./visitors.ts";

type Images = Pick<
  Implementation<"Projects">,
  | "createImage"
  | "completeImage"
  | "getImage"
  | "getPublicImage"
  | "removeProjectImage"
  | "removeFolderImage"
  | "readLeavingBytes"
  | "forgetBytes"
>;

const mediaTypes: readonly string[] = ["image/png", "image/jpeg", "image/webp", "image/gif"];

/** Pictures of projects and folders; the gateway keeps their bytes and asks here who may change and see them. (P1, P2) */
export function imagesApi(parts: Parts, organisations: PublicOrganisations): Images {
  const { store } = parts;
  return {
    ...imageUploads.rpcs(store),

    async createImage({ id: _id, shownOn, name, mediaType }, call: Call) {
      const { organisationId } = await decidedToEdit(store, shownOn, call);
      if (!mediaTypes.includes(mediaType)) throw failure("unsupported_media_type", "file_type");
      await store.write(call, async (tx) => {
        const announced = { shownOn, state: "announced" };
        const waiting = await tx.find(images, announced, { limit: ANNOUNCED_MAXIMUM });
        const isNew = !waiting.some((image) => image._id === _id);
        if (isNew && waiting.length >= ANNOUNCED_MAXIMUM) throw failure("unprocessable", "too_many");
        const image = { _id, organisationId, shownOn, ownerId: call.actorId, name, mediaType };
        await imageUploads.announce(tx, { ...image, createdAt: tx.now });
        return _id;
      });
      return shown(await store.get(images, _id));
    },

    async completeImage({ imageId, size, sha256 }, call: Call) {
      const image = await store.get(images, imageId);
      const isOwn = image?.ownerId === call.actorId;
      if (!image || !isOwn) call.decide(undefined);
      else await decidedToEdit(store, image.shownOn, call);
      await store.write(call, async (tx) => {
        const completed = await imageUploads.complete(tx, imageId, { size, sha256 });
        if (completed) await show(tx, completed);
        return imageId;
      });
      return shown(await store.get(images, imageId));
    },

    async getImage({ imageId }, call: Call) {
      const image = await store.get(images, imageId);
      call.decide(image && (await shownOnOf(store, image)), permissionOf(image));
      return shown(image);
    },

    async getPublicImage({ organisationId, imageId }, call) {
      await requireShown(parts, organisations, { organisationId, call });
      const image = await store.get(images, imageId);
      if (!image || !(await isShownToAll(store, image, organisationId))) throw failure("not_found", "not_found");
      return shown(image);
    },

    async removeProjectImage({ projectId }, call) {
      await decidedProject(store, projectId, call);
      await store.write(call, async (tx) => {
        const project = await tx.get(projects, projectId);
        if (!project || !isLive(project)) throw failure("not_found", "not_found");
        await retireImage(tx, project.imageId);
        await tx.update<ProjectRecord>(projects, project, { imageId: undefined });
        return projectId;
      });
      return {};
    },

    async removeFolderImage({ folderId }, call) {
      await decidedFolder(store, { folderId }, call);
      await store.write(call, async (tx) => {
        const folder = await tx.get(folders, folderId);
        if (!folder) throw failure("not_found", "not_found");
        await retireImage(tx, folder.imageId);
        await tx.update<FolderRecord>(folders, folder, { imageId: undefined });
        return folderId;
      });
      return {};
    },
  };
}

function permissionOf(image: ImageRecord | undefined): string {
  return image?.shownOn.startsWith("fld_") ? "folder.read" : "project.read";
}

/** Whoever may edit the project or folder may change its picture. */
async function decidedToEdit(store: Store, shownOn: string, call: Call): Promise<{ organisationId: string }> {
  if (shownOn.startsWith("fld_")) return decidedFolder(store, { folderId: shownOn, permission: "folder.edit" }, call);
  return decidedProject(store, shownOn, call);
}

/** The project or folder, while it is there and shows this very picture. */
async function shownOnOf(store: Store, image: ImageRecord): Promise<ProjectRecord | FolderRecord | undefined> {
  const { _id, shownOn } = image;
  if (shownOn.startsWith("fld_")) {
    const folder = await store.get(folders, shownOn);
    return folder?.imageId === _id && folder.deletedAt === undefined ? folder : undefined;
  }
  const project = await store.get(projects, shownOn);
  return project?.imageId === _id && isLive(project) ? project : undefined;
}

/** A folder's picture is seen with the projects in it that are. */
async function isShownToAll(store: Store, image: ImageRecord, organisationId: string): Promise<boolean> {
  const shownOn = await shownOnOf(store, image);
  if (shownOn === undefined || shownOn.organisationId !== organisationId) return false;
  if (!image.shownOn.startsWith("fld_")) return isPublic(shownOn as ProjectRecord, organisationId);
  const inside = { organisationId, status: "published", visibility: "public", parentFolderId: image.shownOn };
  return (await store.find(projects, inside, { limit: 1 })).length > 0;
}

/** From now on it is the picture of its project or folder; the one before it goes. */
async function show(tx: Transaction, { _id: imageId, shownOn, organisationId }: ImageRecord): Promise<void> {
  if (shownOn.startsWith("fld_")) {
    const folder = await tx.get(folders, shownOn);
    if (!folder || folder.deletedAt !== undefined) throw failure("not_found", "not_found");
    await retireImage(tx, folder.imageId);
    await tx.update(folders, folder, { imageId });
    tx.audit({ action: "folder.changed", organisationId, subjectId: shownOn });
  } else {
    const project = await tx.get(projects, shownOn);
    if (!project || !isLive(project)) throw failure("not_found", "not_found");
    await retireImage(tx, project.imageId);
    await tx.update<ProjectRecord>(projects, project, { imageId });
    tx.audit({ action: "project.changed", organisationId, subjectId: shownOn });
  }
}

function shown(image: ImageRecord | undefined) {
  if (!image) throw failure("not_found", "not_found");
  const { _id: id, shownOn, name, mediaType, size, sha256, state, version } = image;
  return { id, shownOn, name, mediaType, size, sha256, state, version };
}
