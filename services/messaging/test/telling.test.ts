import { describe, expect, test } from "vitest";
import { ATTEMPTS_MAXIMUM, afterAttempt, answerOf } from "../src/domain/attempts.ts";
import { recipientsOf, type Said } from "../src/domain/recipients.ts";

const now = new Date("2026-03-02T09:00:00Z");
const later = { kind: "later", reason: "smtp_451" } as const;

describe("[E9] after an attempt", () => {
  test.each([
    [1, 5],
    [2, 20],
    [3, 80],
    [4, 320],
    [8, 3_600],
    [ATTEMPTS_MAXIMUM - 1, 3_600],
  ])("number %i that failed for now the next comes %i seconds later", (attempts, seconds) => {
    const nextAttemptAt = new Date(now.getTime() + seconds * 1_000);
    expect(afterAttempt(later, { attempts, now })).toEqual({ state: "queued", nextAttemptAt, reason: "smtp_451" });
  });

  test("there is a last one", () => {
    const step = afterAttempt(later, { attempts: ATTEMPTS_MAXIMUM, now });
    expect(step).toEqual({ state: "failed", reason: "smtp_451" });
  });

  test("none comes after the expiry", () => {
    const expiresAt = new Date(now.getTime() + 5_000);
    expect(afterAttempt(later, { attempts: 1, expiresAt, now })).toEqual({ state: "expired" });
    expect(afterAttempt(later, { attempts: 1, expiresAt: new Date(now.getTime() + 5_001), now }).state).toBe("queued");
  });

  test("accepted is sent, never is failed", () => {
    expect(afterAttempt({ kind: "accepted" }, { attempts: 3, now })).toEqual({ state: "sent" });
    const never = { kind: "never", reason: "smtp_550" } as const;
    expect(afterAttempt(never, { attempts: 1, now })).toEqual({ state: "failed", reason: "smtp_550" });
  });
});

describe("[E9] what a mail server said", () => {
  test.each([
    [{ responseCode: 550, command: "RCPT TO" }, "never", "smtp_550"],
    [{ responseCode: 554, command: "DATA" }, "never", "smtp_554"],
    [{ responseCode: 553, command: "MAIL FROM" }, "never", "smtp_553"],
    [{ responseCode: 451, command: "RCPT TO" }, "later", "smtp_451"],
    [{ responseCode: 535, command: "AUTH PLAIN", code: "EAUTH" }, "later", "smtp_535"],
    [{ responseCode: 554, command: "CONN" }, "later", "smtp_554"],
    [{ code: "ECONNREFUSED", command: "CONN" }, "later", "unreachable ECONNREFUSED"],
    [{ code: "ETIMEDOUT" }, "later", "unreachable ETIMEDOUT"],
    [{ code: "to a@b.example" }, "later", "unreachable"],
    [undefined, "later", "unreachable"],
  ])("%j", (thrown, kind, reason) => expect(answerOf(thrown)).toEqual({ kind, reason }));

  test("its words are left out: they repeat addresses", () => {
    const thrown = Object.assign(new Error("550 marked@example.org unknown"), {
      responseCode: 550,
      command: "RCPT TO",
    });
    expect(JSON.stringify(answerOf(thrown))).not.toContain("marked");
  });
});

describe("[G5] [E8] who is told of an activity", () => {
  const comment: Said = {
    kind: "comment.created",
    actorId: "staff",
    contactUserId: "person",
    threadUserIds: ["person"],
    staffOnly: false,
    projectId: "prj",
    postId: "pst",
  };
  const told = (changes: Partial<Said>) => recipientsOf({ ...comment, ...changes });

  test("the person on whose post staff comment, by mail, too", () => {
    expect(told({})).toEqual([{ userId: "person", kind: "comment", byMail: true }]);
  });

  test("those who wrote in the thread, when the person answers", () => {
    expect(told({ actorId: "person", threadUserIds: ["person", "one", "two", "one"] })).toEqual([
      { userId: "one", kind: "reply", byMail: false },
      { userId: "two", kind: "reply", byMail: false },
    ]);
  });

  test.each([
    ["of their own doing", { actorId: "person", threadUserIds: ["person"] }],
    ["other staff of what staff wrote", { threadUserIds: ["one"], contactUserId: undefined }],
    ["of a note", { kind: "note.created" as const, staffOnly: true }],
    ["of anything only for staff", { staffOnly: true }],
    ["of a post", { kind: "post.created" as const }],
    ["of what belongs to no project", { projectId: undefined }],
    ["of a comment on nothing", { postId: undefined }],
    ["where nobody is linked to the contact", { contactUserId: undefined, actorId: "other" }],
  ])("nobody %s", (_why, changes) => expect(told(changes)).toEqual([]));
});
