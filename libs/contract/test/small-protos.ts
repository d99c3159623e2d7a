// Small proto texts, so that a test shows the one thing that it is about.
import type { Contract } from "../src/model.ts";
import { readContract } from "../src/reading.ts";

const serviceFile = "partake/v1/sample.proto";
const eventsFile = "partake/events/v1/sample.proto";

export interface SmallProtos {
  /** The members of service Projects. */
  rpcs?: string;
  /** Messages of package partake.v1. */
  messages?: string;
  /** Messages of package partake.events.v1. */
  events?: string;
}

export function contractOf({ rpcs = "", messages = "", events = "" }: SmallProtos): Contract {
  const service = rpcs === "" ? "" : `service Projects {\n${rpcs} }`;
  const texts = new Map([
    [
      serviceFile,
      `syntax = "proto3"; package partake.v1;
       import "google/api/annotations.proto"; import "google/protobuf/empty.proto"; import "partake/v1/options.proto";
       ${service} ${messages}`,
    ],
    [
      eventsFile,
      `syntax = "proto3"; package partake.events.v1;
       import "partake/v1/options.proto"; import "partake/v1/sample.proto";
       ${events}`,
    ],
  ]);
  return readContract([...texts.keys()], (path) => {
    const text = texts.get(path);
    if (text === undefined) throw new Error(`no ${path}`);
    return text;
  });
}
