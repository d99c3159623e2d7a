import { type Operation, operation as operationAt } from "@partake/contract";
import type { Routed } from "../routes.ts";
import type { Message } from "../transcode.ts";

/** What of a file its route decides: which service owns its record, and what may be in it. */
export interface FileKind {
  /** Of its id. */
  prefix: string;
  /** Names the file in what its owner is asked. */
  idField: "fileId" | "imageId";
  create: Operation;
  complete: Operation;
  mostBytes: number;
  /** Absent: every type that is taken at all. */
  onlyTypes?: RegExp;
  /** What its owner is told of where the file belongs, from the path. */
  belongsTo(path: Message): Message;
}

const mebibyte = 1024 * 1024;

const ofPost: FileKind = {
  prefix: "fil",
  idField: "fileId",
  create: operationAt("/partake.v1.Progress/CreateFile"),
  complete: operationAt("/partake.v1.Progress/CompleteFile"),
  mostBytes: 25 * mebibyte,
  belongsTo: ({ participationId }) => ({ participationId }),
};

const image: FileKind = {
  prefix: "img",
  idField: "imageId",
  create: operationAt("/partake.v1.Projects/CreateImage"),
  complete: operationAt("/partake.v1.Projects/CompleteImage"),
  mostBytes: 5 * mebibyte,
  onlyTypes: /^image\//,
  belongsTo: ({ projectId, folderId }) => ({ shownOn: projectId ?? folderId }),
};

const uploads: Record<string, FileKind> = {
  UploadFile: ofPost,
  UploadProjectImage: image,
  UploadFolderImage: image,
};

/** Who is asked whether somebody may have a file, and in which words. */
export interface FileReader {
  get: Operation;
  /** The fields of the route that its owner is asked with. */
  fields: readonly string[];
}

const downloads: Record<string, FileReader> = {
  DownloadFile: { get: operationAt("/partake.v1.Progress/GetFile"), fields: ["fileId"] },
  DownloadImage: { get: operationAt("/partake.v1.Projects/GetImage"), fields: ["imageId"] },
  DownloadPublicImage: {
    get: operationAt("/partake.v1.Projects/GetPublicImage"),
    fields: ["organisationId", "imageId"],
  },
};

/** A route whose files nobody owns is a programmer's mistake: it is seen when the gateway starts. */
export function fileKindOf({ name }: Routed): FileKind {
  const kind = uploads[name];
  if (!kind) throw new Error(`nobody owns the files of ${name}`);
  return kind;
}

/** The same of a download. */
export function fileReaderOf({ name }: Routed): FileReader {
  const reader = downloads[name];
  if (!reader) throw new Error(`nobody owns the files of ${name}`);
  return reader;
}
