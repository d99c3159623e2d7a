import { type Operation, operations } from "@partake/contract";
import findMyWay from "find-my-way";
import type { Params } from "./exchange.ts";

/** What is found for a request: an operation of the contract, or something that the gateway itself serves. */
export interface Found<T> {
  target: T;
  /** Decoded path parameters, by the names of the pattern. */
  params: Params;
}

export interface Routes<T> {
  find(method: string, path: string): Found<T> | undefined;
  /** The methods that a path has; empty where there is no such path. */
  allowed(path: string): string[];
}

export interface Routed extends Operation {
  route: NonNullable<Operation["route"]>;
}

export interface RouteEntry<T> {
  method: Method;
  pattern: string;
  target: T;
}

type Method = Operation["route"] extends infer R | undefined ? (R extends { method: infer M } ? M : never) : never;

const methods: readonly Method[] = ["GET", "POST", "PATCH", "PUT", "DELETE"];
/** A custom verb at the end of a path, `…/{id}:move`. No id holds a colon. (google/api/http.proto, "verb") */
const verb = /:[a-z-]+$/;
/** The router ends a parameter only at a slash, so a verb becomes a segment of its own, with a sign that no path may hold. */
const verbSign = "/~";
/** What a path may hold as it is written: no dot segments, empty ones, encoded separators, controls or backslashes. */
const plainPath =
  /^(?:\/(?!\.{1,2}(?:\/|$))(?:[A-Za-z0-9._~!$&'()*+,;=:@-]|%(?!2[eEfF]|5[cC]|[01][0-9A-Fa-f]|7[fF])[0-9A-Fa-f]{2})+)+$/;

export const routedOperations: readonly Routed[] = operations.filter(
  (operation) => operation.route !== undefined,
) as Routed[];

/** A radix tree over routes. */
export function createRoutes<T>(entries: readonly RouteEntry<T>[]): Routes<T> {
  const router = findMyWay({ caseSensitive: true, ignoreTrailingSlash: false, maxParamLength: 200 });
  for (const { method, pattern, target } of entries) {
    router.on(method, pattern, () => undefined, { target, hasVerb: pattern.includes(verbSign) });
  }
  const find = (method: string, path: string): Found<T> | undefined => {
    const asked = path === "/" ? path : routerPath(path);
    if (asked === undefined) return undefined;
    const found = router.find(method as Method, asked);
    if (found === null) return undefined;
    const { target, hasVerb } = found.store as { target: T; hasVerb: boolean };
    // A verb that nobody declared is not an id.
    return hasVerb === asked.includes(verbSign) ? { target, params: found.params } : undefined;
  };
  return {
    find: (method, path) => find(method === "HEAD" ? "GET" : method, path),
    allowed(path) {
      const found: string[] = methods.filter((method) => find(method, path) !== undefined);
      return found.includes("GET") ? ["HEAD", ...found] : found;
    },
  };
}

/** The pattern of an operation's route: `{project_id}:move` as `:projectId/~move`. */
export function patternOf({ route }: Routed): string {
  let index = 0;
  return markVerb(route.path).replace(/\{\w+\}/g, () => `:${route.pathFields[index++]}`);
}

function routerPath(path: string): string | undefined {
  if (!plainPath.test(path) || path.includes(verbSign)) return undefined;
  return path.includes(":") ? markVerb(path) : path;
}

function markVerb(path: string): string {
  return path.replace(verb, (found) => `${verbSign}${found.slice(1)}`);
}
