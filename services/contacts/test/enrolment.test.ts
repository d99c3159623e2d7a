import { describe, expect, test } from "vitest";
import { begin, type Enrolment, end, next, refuse } from "../src/domain/enrolment.ts";

const fresh = begin({ level: "discuss", peerReview: false });

function after(changes: Partial<Enrolment>): string {
  const due = next({ ...fresh, ...changes });
  return "step" in due ? `${due.kind} ${due.step}` : due.kind === "become" ? `become ${due.state}` : due.kind;
}

describe("[C2] the next step of an enrolment follows from what is recorded", () => {
  const enrolled = ["account", "credit", "board", "invitation"] as const;
  const cases: [string, Partial<Enrolment>, string][] = [
    ["at the beginning", {}, "do account"],
    ["with an account", { done: ["account"] }, "do credit"],
    ["with a credit", { done: ["account", "credit"] }, "do board"],
    ["on the board", { done: ["account", "credit", "board"] }, "do invitation"],
    ["when all is done", { done: [...enrolled] }, "become invited"],
    ["recorded out of order", { done: ["board", "credit"] }, "do account"],
    ["invited", { state: "invited", done: [...enrolled] }, "rest"],
    ["accepted", { state: "invited", done: [...enrolled], acceptingUserId: "usr_1" }, "do use"],
    ["accepted and used", { state: "invited", done: [...enrolled, "use"], acceptingUserId: "usr_1" }, "become active"],
    ["active without its role", { state: "active", contactUserId: "usr_1", revision: 2 }, "do role"],
    ["active with its role", { state: "active", contactUserId: "usr_1", revision: 2, roleRevision: 2 }, "rest"],
    [
      "active with a changed level",
      { state: "active", contactUserId: "usr_1", revision: 3, roleRevision: 2 },
      "do role",
    ],
    ["refused at the first step", { refusal: "no_credit" }, "undo board"],
    ["refused and off the board", { refusal: "no_credit", undone: ["board"] }, "undo credit"],
    ["refused, credit back", { refusal: "no_credit", undone: ["board", "credit"] }, "undo account"],
    ["refused and undone", { refusal: "no_credit", undone: ["board", "credit", "account"] }, "become refused"],
    ["refused for good", { state: "refused" }, "rest"],
    ["ended before acceptance", { state: "ended" }, "undo board"],
    [
      "ended while active: the role goes first",
      { state: "ended", contactUserId: "usr_1", revision: 3, roleRevision: 2 },
      "do role",
    ],
    ["ended, role taken", { state: "ended", contactUserId: "usr_1", revision: 3, roleRevision: 3 }, "undo board"],
    ["ended and undone", { state: "ended", undone: ["board", "credit", "account"] }, "rest"],
  ];
  for (const [when, changes, expected] of cases)
    test(`${when}: ${expected}`, () => expect(after(changes)).toBe(expected));
});

describe("[C2] an enrolment that stops", () => {
  test("is refused while enrolling, and closed at once", () => {
    expect(refuse(fresh, "no_credit")).toEqual({ refusal: "no_credit", open: false });
  });

  test("ends when it was invited already", () => {
    expect(refuse({ ...fresh, state: "invited" }, "contact_deleted")).toEqual({
      state: "ended",
      open: false,
      revision: 2,
    });
  });

  test("ends with a new revision, so that the role follows", () => {
    expect(end({ ...fresh, state: "active", revision: 4 })).toEqual({ state: "ended", open: false, revision: 5 });
  });

  test("comes to rest from every state in a bounded number of steps", () => {
    const states = ["enrolling", "invited", "active", "paused", "ended", "refused"] as const;
    for (const state of states) {
      let enrolment: Enrolment = {
        ...fresh,
        state,
        acceptingUserId: "usr_1",
        ...(state === "enrolling" && refuse(fresh, "gave_up")),
      };
      let steps = 0;
      for (let due = next(enrolment); due.kind !== "rest"; due = next(enrolment)) {
        steps += 1;
        expect(steps).toBeLessThan(12);
        if (due.kind === "become") enrolment = { ...enrolment, state: due.state };
        else if (due.kind === "undo") enrolment = { ...enrolment, undone: [...enrolment.undone, due.step] };
        else if (due.step === "role") enrolment = { ...enrolment, roleRevision: enrolment.revision };
        else enrolment = { ...enrolment, done: [...enrolment.done, due.step] };
      }
    }
  });
});
