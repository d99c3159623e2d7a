import type { ServiceDefinition } from "@partake/service";
import { grantsSource } from "./api/reading.ts";
import { api } from "./api.ts";
import { background } from "./background.ts";
import { subscriptions } from "./events.ts";
import { ownKeys } from "./own-keys.ts";
import { collections } from "./store/collections.ts";

/** The whole service. */
export const definition: ServiceDefinition = {
  name: "identity",
  collections,
  api,
  consumers: subscriptions,
  background,
  grantsSource,
  keysSource: ownKeys,
};
