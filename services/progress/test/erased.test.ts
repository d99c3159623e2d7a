import { newId } from "@partake/testing";
import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from "vitest";
import { entries } from "../src/store/entries.ts";
import { type Enrolled, type ProgressWorld, type Shown, startProgressWorld } from "./world.ts";

let world: ProgressWorld;
let theirs: Enrolled;
let mine: Enrolled;
let myPost: Shown;

const story = (of: Enrolled, id = newId("pst")) => {
  return { id, participationId: of.participationId, kind: "story", narrative: "A good week" };
};

beforeAll(async () => {
  world = await startProgressWorld();
  const { id: boardId } = await world.board([]);
  [theirs, mine] = [await world.enrol({ boardId }), await world.enrol({ boardId })];
  myPost = await world.call<Shown>(mine.person, "CreatePost", story(mine));
});
afterEach(() => vi.restoreAllMocks());
afterAll(() => world?.stop());

/** Has an entry erased after a handler looked for it and before it writes. */
function erasedBeforeTheWriteOf(actorId: string, entryId: string): void {
  const { store } = world.parts;
  const write = store.write.bind(store);
  vi.spyOn(store, "write").mockImplementation(async (cause, work) => {
    if (cause.actorId === actorId)
      await write({ actorId: "service:progress", traceparent: undefined }, async (tx) => {
        const entry = await tx.get(entries, entryId);
        if (entry) await tx.remove(entries, entry);
        return entryId;
      });
    return write(cause, work);
  });
}

describe("[C4] [G4] [G5] what was erased", () => {
  test.each([
    ["CreatePost", (id: string) => ({ by: mine.person, request: story(mine, id) })],
    ["CreateComment", (id: string) => ({ by: mine.person, request: { id, postId: myPost.id, text: "Mine" } })],
    [
      "CreateNote",
      (id: string) => ({
        by: world.manager,
        request: { id, contactId: mine.contactId, kind: "case_note", text: "Noted" },
      }),
    ],
  ])("does not come back by %s with its id, nor is it shown", async (name, attempt) => {
    const prefix = { CreatePost: "pst", CreateComment: "cmt", CreateNote: "nte" }[name] ?? "";
    const id = newId(prefix);
    const { store } = world.parts;
    const { id: postId } = await world.call<Shown>(theirs.person, "CreatePost", story(theirs));
    const post = await store.get(entries, postId);
    await store.write({ actorId: theirs.person.userId, traceparent: undefined }, async (tx) => {
      if (post) await tx.insert(entries, { ...post, _id: id });
      return id;
    });
    const { by, request } = attempt(id);
    erasedBeforeTheWriteOf(by.userId, id);
    expect(await world.refusal(by, name, request)).toBe("not_found not_found");
    expect(await store.get(entries, id)).toBeUndefined();
  });
});
