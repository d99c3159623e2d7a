import { asFailure } from "@partake/failure";
import type { Call } from "@partake/rpc";
import type { Parts } from "@partake/service";

/** The project that a board belongs to, as its owner tells it to the caller: the request could name any pair of them. */
export async function projectOfBoard(
  { clients }: Pick<Parts, "clients">,
  boardId: string,
  call: Call,
): Promise<string | undefined> {
  try {
    return (await clients.Progress.getBoard({ boardId }, { on: call })).projectId;
  } catch (thrown) {
    const { code } = asFailure(thrown);
    if (code !== "not_found" && code !== "forbidden") throw thrown;
    return undefined;
  }
}
