// Where the protos are, and the one set of options with which the generator and every loader read them.
import { readdirSync } from "node:fs";
import { createRequire } from "node:module";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const here = dirname(fileURLToPath(import.meta.url));
const googleDir = dirname(createRequire(import.meta.url).resolve("google-proto-files/package.json"));

/** Where imports are looked up, first match first. */
export const includeDirs: readonly string[] = [here, googleDir];

const packageDirs = ["partake/v1", "partake/events/v1"];

/** Every proto of Partake, relative to an include dir, in a stable order. */
export const protoFiles: readonly string[] = packageDirs.flatMap((dir) =>
  readdirSync(`${here}/${dir}`)
    .filter((name) => name.endsWith(".proto"))
    .sort()
    .map((name) => `${dir}/${name}`),
);

/**
 * For @grpc/proto-loader and for protobufjs, so that both show a message in the same shape. `defaults` and `oneofs` are off:
 * a field with explicit presence appears only if it is set, and the virtual oneofs of `optional` fields never appear.
 */
export const loaderOptions = {
  keepCase: false,
  longs: String,
  enums: String,
  arrays: true,
  objects: true,
  defaults: false,
  oneofs: false,
  alternateCommentMode: true,
  includeDirs: [...includeDirs],
};
