import type { Call } from "@partake/rpc";
import { type Store, trusted } from "@partake/store";
import { refused } from "./domain/refusal.ts";
import type { Asked } from "./domain/values.ts";
import { type MetricRecord, metrics } from "./store/metrics.ts";
import { type QuestionRecord, questions } from "./store/questions.ts";

/** What a card asks about: a metric or a question, told apart by the prefix of its id. */
export type Subject = { metric: MetricRecord; question?: never } | { question: QuestionRecord; metric?: never };

/** The metrics and questions of a project with these ids; one of another project is none. */
export async function readSubjects(
  store: Pick<Store, "find">,
  { projectId, ids, call }: { projectId: string; ids: readonly string[]; call: Call },
): Promise<ReadonlyMap<string, Subject>> {
  if (ids.length === 0) return new Map();
  const filter = { _id: trusted({ $in: [...ids] }), projectId };
  const [foundMetrics, foundQuestions] = await Promise.all([
    store.find(metrics, filter, { call }),
    store.find(questions, filter, { call }),
  ]);
  const subjects: [string, Subject][] = [
    ...foundMetrics.map((metric): [string, Subject] => [metric._id, { metric }]),
    ...foundQuestions.map((question): [string, Subject] => [question._id, { question }]),
  ];
  return new Map(subjects);
}

/** What metrics and questions are called, whatever their project: for showing answers to them. */
export async function readTitles(
  store: Pick<Store, "find">,
  { ids, call }: { ids: readonly string[]; call: Call },
): Promise<ReadonlyMap<string, string>> {
  if (ids.length === 0) return new Map();
  const filter = { _id: trusted({ $in: [...new Set(ids)] }) };
  const [foundMetrics, foundQuestions] = await Promise.all([
    store.find(metrics, filter, { call }),
    store.find(questions, filter, { call }),
  ]);
  const titles = foundMetrics.map(({ _id, title }) => [_id, title] as const);
  return new Map([...titles, ...foundQuestions.map(({ _id, text }) => [_id, text] as const)]);
}

/** What an answer to it is held against. */
export function askedBy({ metric, question }: Subject): Asked {
  if (metric) return { kind: metric.kind, choices: [], required: true };
  const { kind, choices, required, scale } = question;
  return { kind, choices, required, ...(scale && { scale }) };
}

/** Throws `unknown_card` for the first card that asks about nothing of the project. (G3) */
export function checkKnown(
  cards: readonly { subjectId: string }[],
  { subjects, pointer }: { subjects: ReadonlyMap<string, Subject>; pointer: string },
): void {
  const index = cards.findIndex(({ subjectId }) => !subjects.has(subjectId));
  if (index < 0) return;
  const message = "The project has no such metric or question.";
  throw refused("unknown_card", { pointer: `${pointer}/${index}/subjectId`, code: "not_allowed", message });
}
