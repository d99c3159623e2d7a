// A route as the generated table holds it.

export interface Route {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** With the names of the request's fields: /v1/projects/{projectId}:move. */
  path: string;
  queryFields: readonly string[];
  /** Whether the JSON body holds the fields that are not in the path. */
  body: boolean;
  bytes: "none" | "upload" | "download" | "events";
  /** Whether an Idempotency-Key goes with it. */
  key: boolean;
  /** Whether If-Match goes with it. */
  condition: boolean;
  /** Whether sending it twice does no more than sending it once. */
  repeatable: boolean;
}

export type RouteTable<Api> = { [S in keyof Api]: { [M in keyof Api[S]]: Route } };

/** The path of a request, and the fields that are not in it. */
export function fillPath(
  route: Route,
  request: Readonly<Record<string, unknown>>,
): { path: string; rest: Record<string, unknown> } {
  const rest: Record<string, unknown> = { ...request };
  const path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => {
    const value = rest[name];
    // Without this an absent or empty id would lead to the list instead of to one of its members.
    if (typeof value !== "string" || value === "") throw new TypeError(`${name} must be a text that is not empty`);
    delete rest[name];
    return encodeURIComponent(value);
  });
  return { path, rest };
}

export function queryString(route: Route, rest: Readonly<Record<string, unknown>>): string {
  const query = new URLSearchParams();
  for (const name of route.queryFields) {
    const value = rest[name];
    if (value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  const text = query.toString();
  return text === "" ? "" : `?${text}`;
}
