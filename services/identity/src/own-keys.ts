import { FetchedKeys, type KeySource } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { signingKeys } from "./provider/signing-keys.ts";
import { sealing } from "./store/sealing.ts";

/** The keys of access tokens for identity's own enforcer: from its store, under the same rules as everybody else's. */
export function ownKeys({ store, config, clock }: Parts): KeySource {
  const keys = signingKeys({ store, sealing: sealing(config.encryptionKeys), clock });
  return new FetchedKeys({
    url: "the own store",
    nowMs: () => clock.now().getTime(),
    fetchJson: async () => ({ keys: (await keys.load()).publicKeys }),
  });
}
