import { newId } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type ParticipationRecord, participations } from "../src/store/participations.ts";
import { type ContactsWorld, startContactsWorld } from "./world.ts";

type Recorded = Partial<ParticipationRecord>;

const enrolled = ["account", "credit", "board", "invitation"] as const;
const accepting: Recorded = { state: "invited", acceptingUserId: newId("usr") };
const ended: Recorded = { state: "ended", open: false, contactUserId: newId("usr"), revision: 3, roleRevision: 2 };
const refused: Recorded = { state: "enrolling", refusal: "no_credit", open: false };

/** What a process had recorded when it was killed, where the participation ends all the same, and by which further steps. */
const crashes: [after: string, recorded: Recorded, state: string, steps: string[]][] = [
  ...enrolled.map((step, count): [string, Recorded, string, string[]] => {
    const done = enrolled.slice(0, count);
    return [`before ${step} is recorded`, { state: "enrolling", done: [...done] }, "invited", enrolled.slice(count)];
  }),
  ["when all is done but the end", { state: "enrolling", done: [...enrolled] }, "invited", []],
  ["when somebody accepts", accepting, "active", ["use", "role"]],
  ["when the credit is used", { ...accepting, done: [...enrolled, "use"] }, "active", ["role"]],
  [
    "before the role is given",
    { state: "active", contactUserId: newId("usr"), done: [...enrolled, "use"], revision: 2 },
    "active",
    ["role"],
  ],
  ["when a step said no", refused, "refused", ["undo board", "undo credit", "undo account"]],
  ["while that is undone", { ...refused, undone: ["board"] }, "refused", ["undo credit", "undo account"]],
  ["when it ended", ended, "ended", ["role", "undo board", "undo credit", "undo account"]],
  [
    "while its end is carried out",
    { ...ended, roleRevision: 3, undone: ["board", "credit"] },
    "ended",
    ["undo account"],
  ],
];

describe("[C2] an enrolment whose process is killed is taken up by the next one", () => {
  let world: ContactsWorld;
  const ids = new Map<string, string>();

  // All at once: whoever takes them up comes to each after the same wait.
  beforeAll(async () => {
    world = await startContactsWorld();
    const { store } = world.parts;
    const cause = { actorId: "service:contacts", traceparent: undefined };
    for (const [after, recorded] of crashes) {
      const request = world.enrolment((await world.contact(world.manager)).id);
      await world.call(world.manager, "EnrolContact", request);
      await store.write(cause, async (tx) => {
        const whole = await tx.get(participations, request.id);
        if (!whole) throw new Error("nothing was enrolled");
        await tx.update(participations, whole, { ...recorded, pending: true, nextAttemptAt: new Date(0) });
        return whole._id;
      });
      ids.set(after, request.id);
    }
  });
  afterAll(() => world?.stop());

  test.each(crashes)("%s", { timeout: 60_000 }, async (after, _recorded, state, steps) => {
    const participationId = ids.get(after) ?? "";
    const stored = () => world.parts.store.get(participations, participationId);
    await expect.poll(stored, { timeout: 45_000 }).toMatchObject({ state, pending: false });
    const taken = world.around.calls.filter((call) => call.participationId === participationId).map(({ step }) => step);
    expect(taken.slice(enrolled.length)).toEqual(steps);
  });
});
