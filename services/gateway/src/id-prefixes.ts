import { openApi } from "@partake/contract";
import type { Routed } from "./routes.ts";

interface Described {
  operationId: string;
  requestBody?: { content: Record<string, { example?: Record<string, unknown> }> };
}

/**
 * The prefix of a new thing's id, by operation; absent where a request names none. The contract describes each request with an
 * example, whose id begins with it.
 */
export function readIdPrefixes(operations: readonly Routed[], origin: string): ReadonlyMap<string, string> {
  const { paths } = openApi({ origin }) as { paths: Record<string, Record<string, Described>> };
  const described = Object.values(paths).flatMap((methods) => Object.values(methods));
  const creations = operations.filter(({ route }) => route.status === 201);
  return new Map(
    creations.flatMap((operation): [string, string][] => {
      const found = described.find(({ operationId }) => operationId.toLowerCase() === operation.name.toLowerCase());
      const id = found?.requestBody?.content["application/json"]?.example?.["id"];
      return typeof id === "string" ? [[operation.path, id.slice(0, id.indexOf("_"))]] : [];
    }),
  );
}
