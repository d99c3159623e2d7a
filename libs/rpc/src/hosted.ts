import { type Operation, operations, type Services } from "@partake/contract";
import type { Call, Implementation } from "./call.ts";

export type Implementations = { [S in keyof Services]?: Implementation<S> };

export type Handler = (request: object, call: Call) => Promise<object>;

/** An operation that this server answers, and with what. */
export interface Hosted {
  operation: Operation;
  handler: Handler;
}

/** Every RPC of a hosted service with its function; one without, or a function without an RPC, is a defect. */
export function hostedOperations(services: Implementations): Hosted[] {
  return Object.entries(services).flatMap(([service, implementation]) => {
    const declared = operations.filter((operation) => operation.service === service);
    if (declared.length === 0) throw new Error(`no proto service is called ${service}`);
    const functions = implementation as unknown as Record<string, Handler | undefined>;
    const names = declared.map((operation) => methodName(operation));
    const [unknown] = Object.keys(functions).filter((name) => !names.includes(name));
    if (unknown !== undefined) throw new Error(`${service} declares no RPC ${unknown}`);
    return declared.map((operation): Hosted => {
      const handler = functions[methodName(operation)];
      if (typeof handler !== "function") throw new Error(`${operation.path} has no implementation`);
      if (operation.access === undefined) throw new Error(`${operation.path} declares no access`);
      if (operation.requestStream || operation.responseStream)
        throw new Error(`${operation.path} is a stream, which only the gateway serves`);
      return { operation, handler: handler.bind(functions) };
    });
  });
}

/** createProject, of the operation CreateProject. */
export function methodName({ name }: Operation): string {
  return name.charAt(0).toLowerCase() + name.slice(1);
}
