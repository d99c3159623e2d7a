import { closeSync, existsSync, fstatSync, mkdirSync, openSync, renameSync, writeSync } from "node:fs";
import { dirname } from "node:path";

const boundBytes = 32 * 1024 * 1024;

export interface LogFile {
  path: string;
  write(line: string): void;
  close(): void;
}

/** A log file that keeps one older part of itself, so that weeks of `npm start` do not fill a disk. */
export function openLogFile(path: string): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  let descriptor: number | undefined = openSync(path, "a");
  let sizeBytes = fstatSync(descriptor).size;
  return {
    path,
    write(line) {
      if (descriptor === undefined) return;
      if (sizeBytes > boundBytes && existsSync(path)) {
        closeSync(descriptor);
        renameSync(path, `${path}.1`);
        descriptor = openSync(path, "a");
        sizeBytes = 0;
      }
      sizeBytes += writeSync(descriptor, `${line}\n`);
    },
    close() {
      if (descriptor !== undefined) closeSync(descriptor);
      descriptor = undefined;
    },
  };
}
