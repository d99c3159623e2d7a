import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { checkMetric, checkQuestion } from "../domain/definitions.ts";
import { METRICS_MAXIMUM, type MetricRecord, metrics } from "../store/metrics.ts";
import { QUESTIONS_MAXIMUM, type QuestionRecord, questions } from "../store/questions.ts";

type Setup = Pick<Implementation<"Progress">, "createMetric" | "listMetrics" | "createQuestion" | "listQuestions">;

const inOrder = { sort: { createdAt: 1, _id: 1 } } as const;

/** What a project asks about. Access is decided on the project before a handler runs. (G1, G2) */
export function setupApi({ store }: Parts): Setup {
  return {
    async createMetric(request, call: Call) {
      const { organisationId, actorId: ownerId } = call;
      const { id: _id, projectId, title, kind, unit, baseline, target, milestones, published } = request;
      checkMetric(request);
      const { id } = await store.write(call, async (tx) => {
        const present = await tx.find(metrics, { projectId }, { limit: METRICS_MAXIMUM });
        if (present.length >= METRICS_MAXIMUM && !present.some((each) => each._id === _id)) throw tooMany();
        const metric = await tx.insert(metrics, {
          ...{ _id, organisationId, projectId, ownerId, title, kind, unit, milestones, published },
          ...(baseline !== undefined && { baseline }),
          ...(target !== undefined && { target }),
          createdAt: tx.now,
        });
        tx.audit({ action: "metric.created", organisationId, subjectId: _id, scope: projectId });
        return metric._id;
      });
      return shownMetric(found(await store.get(metrics, id)));
    },

    async listMetrics({ projectId }, call) {
      const items = await store.find(metrics, { projectId }, { ...inOrder, limit: METRICS_MAXIMUM, call });
      return { items: items.map(shownMetric) };
    },

    async createQuestion(request, call: Call) {
      const { organisationId, actorId: ownerId } = call;
      const { id: _id, projectId, text, help, kind, choices, scale, required, published } = request;
      checkQuestion(request);
      const { id } = await store.write(call, async (tx) => {
        const present = await tx.find(questions, { projectId }, { limit: QUESTIONS_MAXIMUM });
        if (present.length >= QUESTIONS_MAXIMUM && !present.some((each) => each._id === _id)) throw tooMany();
        const question = await tx.insert(questions, {
          ...{ _id, organisationId, projectId, ownerId, text, help, kind, choices, required, published },
          ...(scale && { scale }),
          createdAt: tx.now,
        });
        tx.audit({ action: "question.created", organisationId, subjectId: _id, scope: projectId });
        return question._id;
      });
      return shownQuestion(found(await store.get(questions, id)));
    },

    async listQuestions({ projectId }, call) {
      const items = await store.find(questions, { projectId }, { ...inOrder, limit: QUESTIONS_MAXIMUM, call });
      return { items: items.map(shownQuestion) };
    },
  };
}

export function shownMetric(metric: MetricRecord) {
  const { _id: id, projectId, title, kind, unit, baseline, target, milestones, published, version } = metric;
  return {
    ...{ id, projectId, title, kind, unit, milestones, published, version },
    ...(baseline !== undefined && { baseline }),
    ...(target !== undefined && { target }),
  };
}

export function shownQuestion(question: QuestionRecord) {
  const { _id: id, projectId, text, help, kind, choices, scale, required, published, version } = question;
  return { id, projectId, text, help, kind, choices, ...(scale && { scale }), required, published, version };
}

function found<T>(record: T | undefined): T {
  if (!record) throw failure("not_found", "not_found");
  return record;
}

function tooMany() {
  return failure("unprocessable", "too_many");
}
