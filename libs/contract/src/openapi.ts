import type { Contract } from "./model.ts";

export function openApiDocument(_contract: Contract, _options: { origin: string }): object {
  return {};
}
