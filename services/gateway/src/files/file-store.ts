import type { Readable } from "node:stream";

/** Where the bytes of files are. A file's bytes are found by its id and their digest, so that no half-written ones ever are. */
export interface FileStore {
  /** Takes bytes in. Nothing can be found of them until they are kept. */
  write(fileId: string, bytes: AsyncIterable<Buffer>): Promise<Written>;
  /** The bytes of a file; undefined where there are none with that digest. */
  read(of: StoredFile): Promise<Readable | undefined>;
  /** Removes the bytes of a file, or only those with a digest. Again: nothing changes. */
  remove(fileId: string, sha256?: string): Promise<void>;
  /** Removes what was begun before that time and never kept, a bounded number at once. */
  sweep(before: Date): Promise<Swept>;
  close(): Promise<void>;
}

export interface Swept {
  removed: number;
  /** Why others could not be removed. */
  causes: unknown[];
}

/** Bytes that were taken in. */
export interface Written {
  /** Lets them be found from now on. Fails where they were swept meanwhile. */
  keep(sha256: string): Promise<void>;
  /** Removes what is not kept. */
  drop(): Promise<void>;
}

export interface StoredFile {
  fileId: string;
  sha256: string;
  /** Of the bytes, both included; absent: all. */
  range?: ByteRange;
}

export interface ByteRange {
  start: number;
  end: number;
}
