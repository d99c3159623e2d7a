import type { Services } from "@partake/contract";
import type { Call, Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { checkCards } from "../domain/definitions.ts";
import { type BoardRecord, boards, type CardRecord } from "../store/boards.ts";
import { checkKnown, readSubjects } from "../subjects.ts";

type Boards = Pick<Implementation<"Progress">, "createBoard" | "getBoard" | "listBoards" | "updateBoard">;
type GivenCard = Services["Progress"]["createBoard"]["request"]["cards"][number];

/** Progress boards with their question cards. (G3) */
export function boardsApi({ store }: Parts): Boards {
  async function checkedCards(
    cards: readonly GivenCard[],
    { pointer, ...of }: { projectId: string; pointer: string; call: Call },
  ) {
    checkCards(cards, pointer);
    const ids = cards.map(({ subjectId }) => subjectId);
    checkKnown(cards, { subjects: await readSubjects(store, { ...of, ids }), pointer });
    return cards.map(({ subjectId, cadence }): CardRecord => ({ subjectId, cadence: cadence || "once" }));
  }

  async function shownNow(boardId: string): Promise<Services["Progress"]["getBoard"]["response"]> {
    const board = await store.get(boards, boardId);
    if (!board) throw new Error("a board that was just written is gone");
    return shown(board);
  }

  return {
    async createBoard(request, call: Call) {
      const { organisationId, actorId: ownerId } = call;
      const { id: _id, projectId, title, managed } = request;
      const cards = await checkedCards(request.cards, { projectId, pointer: "/cards", call });
      const { id } = await store.write(call, async (tx) => {
        const board = { _id, organisationId, projectId, boardId: _id, ownerId, title, managed, cards };
        await tx.insert(boards, { ...board, createdAt: tx.now });
        tx.audit({ action: "board.created", organisationId, subjectId: _id, scope: projectId });
        return _id;
      });
      return shownNow(id);
    },

    async getBoard({ boardId }, call: Call) {
      const board = await store.get(boards, boardId);
      call.decide(board);
      return shown(board);
    },

    async listBoards({ projectId, limit, cursor }, call: Call) {
      const visible = call.visible();
      const page = await store.list(boards, { visible, filter: { projectId }, limit, cursor, call });
      return { items: page.items.map(shown), nextCursor: page.nextCursor };
    },

    async updateBoard({ boardId, title, cards }, call: Call) {
      const board = await store.get(boards, boardId);
      call.decide(board);
      const { organisationId, projectId } = board;
      const checked = cards && (await checkedCards(cards.items, { projectId, pointer: "/cards/items", call }));
      await store.write(call, async (tx) => {
        await tx.update(boards, board, { ...(title !== undefined && { title }), ...(checked && { cards: checked }) });
        tx.audit({ action: "board.changed", organisationId, subjectId: boardId, scope: projectId });
        return boardId;
      });
      return shownNow(boardId);
    },
  };
}

function shown({ _id: id, projectId, title, managed, cards, version }: BoardRecord) {
  return { id, projectId, title, managed, cards, version };
}
