import type { ServiceDefinition } from "@partake/service";
import { leavingBytes, uploadEndings } from "@partake/uploads";
import { api } from "./api.ts";
import { settling } from "./carrying.ts";
import { emptying } from "./ended.ts";
import { consumers } from "./events.ts";
import { boards } from "./store/boards.ts";
import { contactScopes } from "./store/contact-scopes.ts";
import { entries } from "./store/entries.ts";
import { files } from "./store/files.ts";
import { metrics } from "./store/metrics.ts";
import { organisations } from "./store/organisations.ts";
import { participations } from "./store/participations.ts";
import { questions } from "./store/questions.ts";

const emptyingEveryMs = 60_000;

/** The progress service on one page. */
export function definition(options: { emptyingEveryMs?: number } = {}): ServiceDefinition {
  return {
    name: "progress",
    collections: [
      ...[entries, participations, boards, metrics, questions, contactScopes, organisations],
      ...[files, leavingBytes, uploadEndings],
    ],
    api,
    consumers,
    background: (parts) => [
      Promise.resolve(settling(parts)),
      Promise.resolve(emptying(parts, options.emptyingEveryMs ?? emptyingEveryMs)),
    ],
  };
}
