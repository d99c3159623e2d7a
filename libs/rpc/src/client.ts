import { operations, type Services } from "@partake/contract";
import type { Client, Outgoing } from "./call.ts";
import type { Channel } from "./channel.ts";
import { methodName } from "./hosted.ts";

/** A typed client of one proto service over a channel to its owner. */
export function connect<S extends keyof Services>(service: S, channel: Channel): Client<S> {
  const declared = operations.filter((operation) => operation.service === service);
  if (declared.length === 0) throw new Error(`no proto service is called ${service}`);
  const functions = declared.map((operation) => {
    const invoke = (request: object, outgoing: Outgoing) => channel.call(operation, request, outgoing);
    return [methodName(operation), invoke] as const;
  });
  return Object.fromEntries(functions) as Client<S>;
}
