import { asFailure, failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import { type Parts, people } from "@partake/service";
import { type Transaction, trusted } from "@partake/store";
import { deletionRequestChanged } from "../outcomes.ts";
import { decidedProject, live } from "../reading.ts";
import { type DeletionRequestRecord, deletionRequests } from "../store/deletion-requests.ts";
import { isLive, projects } from "../store/projects.ts";

type DeletionRequests = Pick<
  Implementation<"Projects">,
  | "createDeletionRequest"
  | "getDeletionRequest"
  | "listDeletionRequests"
  | "withdrawDeletionRequest"
  | "declineDeletionRequest"
>;

/** Who may not delete a project asks an admin to. The admin deletes it, or declines. (R17) */
export function deletionRequestsApi(parts: Parts): DeletionRequests {
  const { store } = parts;
  const { names } = people(parts);
  return {
    async createDeletionRequest({ id: _id, projectId, reason }, call) {
      const { organisationId } = await decidedProject(store, projectId, call);
      const { actorId: ownerId } = call;
      const request = { _id, organisationId, projectId, ownerId, reason, state: "open" } as const;
      const write = store.write(call, async (tx) => {
        live(await tx.get(projects, projectId));
        tx.emit(deletionRequestChanged(await tx.insert(deletionRequests, { ...request, createdAt: tx.now })));
        tx.audit({ action: "deletion_request.created", organisationId, subjectId: projectId, recordId: _id });
        return _id;
      });
      const { id } = await write.catch(alreadyRequested);
      return answerWith(id, call);
    },

    getDeletionRequest: ({ deletionRequestId }, call) => answerWith(deletionRequestId, call),

    async listDeletionRequests({ state, limit, cursor }, call) {
      const filter = state === undefined ? {} : { state };
      const page = await store.list(deletionRequests, { visible: call.visible(), filter, limit, cursor, call });
      const items = await whoseProjectIsThere(page.items);
      const owners = items.map(({ ownerId }) => ownerId);
      const named = await names(owners, call);
      return { items: items.map((request) => shown(request, named)), nextCursor: page.nextCursor };
    },

    async withdrawDeletionRequest({ deletionRequestId }, call) {
      await end(deletionRequestId, { state: "withdrawn" }, call);
      return answerWith(deletionRequestId, call);
    },

    async declineDeletionRequest({ deletionRequestId, answer }, call) {
      await end(deletionRequestId, { state: "declined", ...(answer !== undefined && { answer }) }, call);
      return answerWith(deletionRequestId, call);
    },
  };

  async function answerWith(id: string, call: Call) {
    const request = await present(id);
    call.decide(request, "deletion_request.read");
    return shown(request, await names([request.ownerId], call));
  }

  async function present(id: string): Promise<DeletionRequestRecord | undefined> {
    const request = await store.get(deletionRequests, id);
    const [found] = await whoseProjectIsThere(request ? [request] : []);
    return found;
  }

  /** Of a project that is deleted in this moment the live view may not know yet. */
  async function whoseProjectIsThere(requests: readonly DeletionRequestRecord[]): Promise<DeletionRequestRecord[]> {
    if (requests.length === 0) return [];
    const among = trusted({ $in: requests.map(({ projectId }) => projectId) });
    const found = await store.find(projects, { _id: among }, { limit: requests.length });
    const there = new Set(found.filter(isLive).map(({ _id }) => _id));
    return requests.filter(({ projectId }) => there.has(projectId));
  }

  async function end(id: string, answer: Answer, call: Call): Promise<void> {
    call.decide(await present(id));
    await store.write(call, async (tx) => {
      const request = await tx.get(deletionRequests, id);
      if (!request) throw failure("not_found", "not_found");
      if (request.state === answer.state) return id;
      if (request.state !== "open") throw failure("conflict", "already_answered");
      live(await tx.get(projects, request.projectId));
      await answerIn(tx, { request, answer, by: call.actorId });
      return id;
    });
  }
}

/** Deleting a project is the other answer; it is part of that write. */
export async function grantOpenRequest(tx: Transaction, projectId: string, by: string): Promise<void> {
  const [request] = await tx.find(deletionRequests, { projectId, state: "open" }, { limit: 1 });
  if (request) await answerIn(tx, { request, answer: { state: "granted" }, by });
}

type Answer = { state: "withdrawn" | "granted" } | { state: "declined"; answer?: string };

interface Answering {
  request: DeletionRequestRecord;
  answer: Answer;
  by: string;
}

async function answerIn(tx: Transaction, { request, answer, by }: Answering): Promise<void> {
  const answered = { ...answer, answeredBy: by, answeredAt: tx.now };
  tx.emit(deletionRequestChanged(await tx.update<DeletionRequestRecord>(deletionRequests, request, answered)));
  const { _id: recordId, organisationId, projectId: subjectId } = request;
  tx.audit({ action: `deletion_request.${answer.state}`, organisationId, subjectId, recordId });
}

/** The unique index of open requests decides, also between two who ask at the same moment. */
function alreadyRequested(thrown: unknown): never {
  throw asFailure(thrown).reason === "already_exists" ? failure("conflict", "already_requested") : thrown;
}

function shown(request: DeletionRequestRecord, names: ReadonlyMap<string, string>) {
  const { _id: id, projectId, state, reason, ownerId, createdAt, answeredBy, answeredAt, answer, version } = request;
  return {
    ...{ id, projectId, state, reason, version, requestedBy: ownerId, requesterName: names.get(ownerId) ?? "" },
    requestedAt: createdAt.toISOString(),
    ...(answeredBy !== undefined && { answeredBy }),
    ...(answeredAt !== undefined && { answeredAt: answeredAt.toISOString() }),
    ...(answer !== undefined && { answer }),
  };
}
