import type { Services } from "@partake/contract";
import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import type { Transaction } from "@partake/store";
import { readableTimeline } from "../access.ts";
import { type ContactScope, decidedContact } from "../contacts.ts";
import { noteLogged } from "../outcomes.ts";
import type { Showing } from "../showing.ts";
import { contactScopes } from "../store/contact-scopes.ts";
import { entries, type NoteEntry, readAgain } from "../store/entries.ts";

type Timeline = Pick<Implementation<"Progress">, "createNote" | "listTimeline">;
type CreateNote = Services["Progress"]["createNote"]["request"];

/** Everything logged by and about a contact, and what staff note on it for themselves. (C4, C5) */
export function timelineApi(parts: Parts, showing: Showing): Timeline {
  const { store } = parts;
  return {
    async createNote(request, call: Call) {
      const { contactId, projectId } = request;
      const scope = await decidedContact(parts, { contactId, call, permission: "note.create" });
      if (projectId !== undefined) {
        if (!scope.contactProjectIds.includes(projectId)) throw failure("not_found", "not_found");
        call.decide({ ...scope, projectId, staffOnly: true });
      }
      const before = await store.get(entries, request.id);
      const { id } = await store.write(call, async (tx) => {
        const note = before ? await readAgain(tx, before) : await made(tx, { request, call, scope });
        return (await tx.insert(entries, note))._id;
      });
      const note = await store.get(entries, id);
      call.decide(note, "timeline.read");
      const [shown] = await showing.timeline([note], call);
      if (!shown) throw failure("not_found", "not_found");
      return shown;
    },

    async listTimeline({ contactId, limit, cursor }, call: Call) {
      await decidedContact(parts, { contactId, call, permission: "timeline.read" });
      const page = await store.list(entries, {
        visible: readableTimeline(call),
        filter: { contactId },
        sort: { field: "recordedAt", direction: -1 },
        limit,
        cursor,
        call,
      });
      return { items: await showing.timeline(page.items, call), nextCursor: page.nextCursor };
    },
  };
}

interface Making {
  request: CreateNote;
  call: Call;
  scope: ContactScope;
}

/** Of a note no event tells anything outside, and inside only its existence, for staff. */
async function made(tx: Transaction, { request, call, scope }: Making): Promise<NoteEntry> {
  const { id: _id, kind, projectId, text } = request;
  const { organisationId, contactId, contactProjectIds, contactUserId } = scope;
  const held = await tx.get(contactScopes, contactId);
  if (held?.deleted) throw failure("not_found", "not_found");
  const note: NoteEntry = {
    ...{ _id, version: 1, kind, organisationId, contactId, contactProjectIds, text },
    ...(contactUserId !== undefined && { contactUserId }),
    ...(projectId !== undefined && { projectId }),
    ownerId: call.actorId,
    peerReview: false,
    staffOnly: true,
    part: "staff",
    recordedAt: tx.now,
    createdAt: tx.now,
  };
  tx.emit(noteLogged(note));
  return note;
}
