import type { Contract } from "./model.ts";

export function asyncApiDocument(_contract: Contract, _options: { broker: string }): object {
  return {};
}
