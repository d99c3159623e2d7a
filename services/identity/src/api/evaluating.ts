import { may, policy, type RecordScope, type UserCaller } from "@partake/authz";
import type { Services } from "@partake/contract";
import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { isUserId, recordFacts, seesRecord, typeOf } from "../record-facts.ts";

// Access evaluation for other systems, as the OpenID AuthZEN Authorization API 1.0 has it. Nothing that the asker sends decides:
// what somebody holds comes from the live grants, what a record belongs to from its owner. (Z1)

type Evaluating = Pick<Implementation<"Identity">, "evaluateAccess" | "evaluateAccesses">;
type Question = Services["Identity"]["evaluateAccess"]["request"];
type Batch = Services["Identity"]["evaluateAccesses"]["request"];
type Decision = Services["Identity"]["evaluateAccess"]["response"];
type Semantic = NonNullable<Batch["options"]>["evaluationsSemantic"];

/** A question, or why it cannot be asked. */
type Asked = { question: Question; error?: never } | { question?: never; error: Refused };
interface Refused {
  status: number;
  message: string;
}

type EvaluatingParts = Pick<Parts, "clients" | "rightsOf">;

const incomplete: Refused = { status: 400, message: "The question lacks a subject, an action or a resource." };
const aboutOthers: Refused = { status: 403, message: "Only admins ask about others." };

export function evaluatingApi(parts: EvaluatingParts): Evaluating {
  return {
    async evaluateAccess(question, call: Call) {
      decideOwn(call);
      if (!mayAsk(call, question)) throw failure("forbidden", "about_others");
      const [decision] = await decideAll(parts, call, [question]);
      return { decision: decision === true };
    },

    async evaluateAccesses(request, call: Call) {
      const { evaluations, options } = request;
      decideOwn(call);
      if (evaluations.length === 0) return await single(parts, call, request);
      const asked = evaluations.map((evaluation) => askedOf(call, { ...definedOf(request), ...definedOf(evaluation) }));
      const questions = asked.flatMap(({ question }) => question ?? []);
      const decided = (await decideAll(parts, call, questions)).values();
      const decisions = asked.map(({ error }): Decision => {
        return error
          ? { decision: false, context: { reason: "", error } }
          : { decision: decided.next().value === true };
      });
      return { evaluations: upToDecisive(decisions, options?.evaluationsSemantic ?? "") };
    },
  };
}

async function single(parts: EvaluatingParts, call: Call, request: Batch) {
  const { question, error } = askedOf(call, definedOf(request));
  if (error === aboutOthers) throw failure("forbidden", "about_others");
  if (error !== undefined) throw failure("invalid", "incomplete_question");
  const [decision] = await decideAll(parts, call, [question]);
  return { decision: decision === true, evaluations: [] };
}

function definedOf({ subject, action, resource }: Pick<Batch, "subject" | "action" | "resource">): Partial<Question> {
  return { ...(subject && { subject }), ...(action && { action }), ...(resource && { resource }) };
}

function askedOf(call: Call, { subject, action, resource }: Partial<Question>): Asked {
  if (subject === undefined || action === undefined || resource === undefined) return { error: incomplete };
  const question = { subject, action, resource };
  return mayAsk(call, question) ? { question } : { error: aboutOthers };
}

/** Everybody asks about themselves; whoever else they ask about is decided question by question. */
function decideOwn(call: Call): void {
  const { organisationId, actorId: ownerId } = call;
  call.decide({ organisationId, ownerId });
}

function mayAsk(call: Call, { subject }: Question): boolean {
  const { organisationId, actorId } = call;
  return subject.id === actorId || call.may("access.explain", { organisationId, ownerId: subject.id });
}

/** The answers that the asker's semantic wants: all, or up to the one that decides. */
function upToDecisive(decisions: Decision[], semantic: Semantic): Decision[] {
  if (semantic !== "deny_on_first_deny" && semantic !== "permit_on_first_permit") return decisions;
  const isDecisive = ({ decision }: Decision): boolean => decision === (semantic === "permit_on_first_permit");
  const at = decisions.findIndex(isDecisive);
  if (at === -1) return decisions;
  const upTo = decisions.slice(0, at + 1);
  const last = upTo[at];
  if (semantic === "deny_on_first_deny" && last?.context === undefined)
    upTo[at] = { decision: false, context: { reason: semantic } };
  return upTo;
}

/** Decides questions that the asker may ask: each subject is read once, and what is asked of other services is asked at once. */
async function decideAll(parts: EvaluatingParts, call: Call, questions: readonly Question[]): Promise<boolean[]> {
  const sensible = questions.map((question) => (isSensible(question) ? question : undefined));
  const [subjects, records] = await Promise.all([subjectsOf(parts, call, sensible), recordsOf(parts, call, sensible)]);
  return sensible.map((question) => {
    if (question === undefined) return false;
    const subject = subjects.get(question.subject.id);
    const record = records.get(question.resource.id);
    if (subject === undefined || record === undefined) return false;
    return seesRecord(call, question.resource.id, record) && may(subject, question.action.name, record);
  });
}

function isSensible({ subject, action, resource }: Question): boolean {
  if (subject.type !== "user" || !isUserId(subject.id)) return false;
  return Object.hasOwn(policy, action.name) && typeOf(resource.id) === resource.type;
}

/** What each subject holds. Who holds nothing here is nobody that the organisation knows, unless they ask for themselves. */
async function subjectsOf(
  { rightsOf }: EvaluatingParts,
  call: Call,
  questions: readonly (Question | undefined)[],
): Promise<Map<string, UserCaller>> {
  const { organisationId, actorId } = call;
  const ids = new Set(questions.flatMap((question) => question?.subject.id ?? []));
  const found = new Map<string, UserCaller>();
  const read = async (userId: string): Promise<void> => {
    const rights = await rightsOf({ organisationId, userId, version: call.grantsVersion });
    const isKnown = rights !== undefined && (rights.rights.held.length > 0 || userId === actorId);
    if (isKnown) found.set(userId, rights);
  };
  await Promise.all([...ids].map(read));
  return found;
}

/** The records: projects and folders by the live places, and what these do not know by its owner. */
async function recordsOf(
  { clients }: EvaluatingParts,
  call: Call,
  questions: readonly (Question | undefined)[],
): Promise<Map<string, RecordScope>> {
  const records = new Map<string, RecordScope>();
  const elsewhere = new Set<string>();
  for (const question of questions) {
    if (question === undefined || records.has(question.resource.id)) continue;
    const { id } = question.resource;
    const record = placedRecord(call, id);
    if (record === undefined) elsewhere.add(id);
    else records.set(id, record);
  }
  if (elsewhere.size === 0) return records;
  return new Map([...records, ...(await recordFacts(clients, call, elsewhere))]);
}

function placedRecord({ caller, organisationId }: Call, id: string): RecordScope | undefined {
  if (caller.kind !== "user") return undefined;
  const { places } = caller.rights;
  const isOurs = (projectId: string): boolean => places.project(projectId)?.organisationId === organisationId;
  if (id === organisationId) return { organisationId };
  if (id.startsWith("prj_")) return isOurs(id) ? { organisationId, projectId: id } : undefined;
  if (id.startsWith("fld_")) return places.projectsIn(id).some(isOurs) ? { organisationId, folderId: id } : undefined;
  return undefined;
}
