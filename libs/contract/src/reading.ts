// From proto texts to an asserted contract.
import { assertContract } from "./assertions.ts";
import { readEventTypes } from "./events.ts";
import { readMessages } from "./messages.ts";
import type { Contract } from "./model.ts";
import { parseProtos, type ReadText } from "./protos.ts";
import { readOperations, readServices } from "./services.ts";
import { readVocabularies } from "./vocabularies.ts";

/** Reads Partake's own protos, or others for a test. Throws, naming the RPC or field, where they break a rule. */
export function readContract(files?: readonly string[], read?: ReadText): Contract {
  const root = parseProtos(files, read);
  const vocabularies = readVocabularies(root);
  const messages = readMessages(root, vocabularies);
  const contract = {
    vocabularies,
    services: readServices(root),
    messages,
    operations: readOperations(root, messages),
    eventTypes: readEventTypes(root),
  };
  assertContract(contract);
  return contract;
}
