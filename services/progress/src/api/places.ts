import { failure } from "@partake/failure";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { boards } from "../store/boards.ts";
import { contactScopes } from "../store/contact-scopes.ts";
import { participations, unplaced } from "../store/participations.ts";

type Places = Pick<Implementation<"Progress">, "addToBoard" | "removeFromBoard">;

/** A contact's place on a board: a step of its enrolment, and its undoing. Both are idempotent. (G3) */
export function placesApi({ store, clients }: Parts): Places {
  return {
    async addToBoard(request, call: Call) {
      const { participationId: _id, organisationId, projectId, boardId, contactId, pseudonym } = request;
      const board = await store.get(boards, boardId);
      const isThere = board?.organisationId === organisationId && board.projectId === projectId && board.managed;
      if (!isThere) throw failure("unprocessable", "board_not_found");
      const { items } = await clients.Projects.readScopes({ projectIds: [projectId] }, { on: call });
      const status = items.find((scope) => scope.projectId === projectId)?.status;
      if (status !== "draft" && status !== "published") throw failure("unprocessable", "project_archived");
      await store.write(call, async (tx) => {
        const contact = await tx.get(contactScopes, contactId);
        if (contact?.deleted) throw failure("unprocessable", "contact_deleted");
        const held = await tx.get(participations, _id);
        const placed = { organisationId, projectId, boardId, contactId, pseudonym, place: "on_board" } as const;
        if (held?.place === "none") await tx.update(participations, held, placed);
        if (held) return _id;
        const contactProjectIds = contact?.contactProjectIds ?? [projectId];
        const linked = contact?.contactUserId ? { contactUserId: contact.contactUserId } : {};
        await tx.insert(participations, { ...unplaced(_id), ...placed, contactProjectIds, ...linked });
        return _id;
      });
      return {};
    },

    async removeFromBoard({ participationId }, call: Call) {
      await store.write(call, async (tx) => {
        const held = await tx.get(participations, participationId);
        // What was never added is remembered as removed: the addition may be still on its way.
        if (!held) await tx.insert(participations, { ...unplaced(participationId), place: "removed" });
        else if (held.place !== "removed") await tx.update(participations, held, { place: "removed" });
        return participationId;
      });
      return {};
    },
  };
}
