import { createHash } from "node:crypto";
import { describe, expect, test } from "vitest";
import {
  digestOf,
  faultOf,
  GENESIS,
  type KeptEntry,
  type Link,
  type Seal,
  sealBatch,
} from "../src/domain/audit-chain.ts";

const now = new Date("2026-03-01T12:00:00Z");
const soon = new Date(now.getTime() + 1_000);

describe("[R20] the audit chain", () => {
  const hash = (text: string) => createHash("sha256").update(text).digest("hex");
  const details = {
    organisationId: "org_1",
    action: "role.given",
    actorId: "usr_1",
    outcome: "done" as const,
    recordedAt: now,
  };
  const entry = (id: string) => ({ id, digest: digestOf({ ...details, subjectId: id }, "salt", hash) });
  const chain = () => {
    const seals: Seal[] = [];
    for (const ids of [["a", "b"], ["c"], ["d", "e"]]) {
      seals.push(sealBatch({ organisationId: "org_1", last: seals.at(-1), entries: ids.map(entry), hash }));
    }
    return seals;
  };

  const kept = new Map<string, KeptEntry>(
    ["a", "b", "c", "d", "e", "x"].map((id) => [id, { ...details, ...entry(id), subjectId: id, salt: "salt" }]),
  );
  /** The number of the first seal that does not hold. */
  const firstBrokenSeal = (organisationId: string, seals: readonly Seal[], stored = kept) => {
    let after: Link = GENESIS;
    for (const seal of seals) {
      if (faultOf({ organisationId, after, seal, kept: stored, hash })) return after.number + 1;
      after = seal;
    }
    return undefined;
  };

  test("holds", () => expect(firstBrokenSeal("org_1", chain())).toBeUndefined());

  test.each<[string, (seals: Seal[]) => Seal[], number]>([
    ["an entry removed", ([a, b, c]) => [{ ...(a as Seal), entries: [entry("a")] }, b as Seal, c as Seal], 1],
    ["an entry added", ([a, b, c]) => [a as Seal, { ...(b as Seal), entries: [entry("c"), entry("x")] }, c as Seal], 2],
    [
      "a digest changed",
      ([a, b, c]) => [a as Seal, { ...(b as Seal), entries: [{ id: "c", digest: "0" }] }, c as Seal],
      2,
    ],
    ["a seal removed", ([a, , c]) => [a as Seal, c as Seal], 2],
    ["seals swapped", ([a, b, c]) => [b as Seal, a as Seal, c as Seal], 1],
    ["the first one gone", ([, b, c]) => [b as Seal, c as Seal], 1],
    [
      "a seal made up anew",
      ([a, b, c]) => [
        a as Seal,
        sealBatch({ organisationId: "org_1", last: a as Seal, entries: [entry("x")], hash }),
        { ...(c as Seal), number: 3 + ((b as Seal).number - 2) },
      ],
      3,
    ],
  ])("does not hold with %s", (_name, change, broken) =>
    expect(firstBrokenSeal("org_1", change(chain()))).toBe(broken),
  );

  test("does not hold for another organisation", () => expect(firstBrokenSeal("org_2", chain())).toBe(1));

  test.each<[string, Partial<KeptEntry> | undefined]>([
    ["gone", undefined],
    ["of another action", { action: "role.taken" }],
    ["of another person, with a digest to match", changedWithDigest()],
    ["of another organisation", { organisationId: "org_2" }],
  ])("does not hold with an entry that is %s beside it", (_name, change) => {
    const stored = new Map(kept);
    const [known] = [kept.get("c") as KeptEntry];
    if (change === undefined) stored.delete("c");
    else stored.set("c", { ...known, ...change });
    expect(firstBrokenSeal("org_1", chain(), stored)).toBe(2);
  });

  function changedWithDigest(): Partial<KeptEntry> {
    const actorId = "usr_2";
    return { actorId, digest: digestOf({ ...details, subjectId: "c", actorId }, "salt", hash) };
  }

  test("a digest depends on every detail and on its salt", () => {
    const base = digestOf(details, "salt", hash);
    const others = [
      digestOf(details, "other", hash),
      digestOf({ ...details, action: "role.taken" }, "salt", hash),
      digestOf({ ...details, actorId: "usr_2" }, "salt", hash),
      digestOf({ ...details, subjectId: "x" }, "salt", hash),
      digestOf({ ...details, scope: "x" }, "salt", hash),
      digestOf({ ...details, outcome: "refused" }, "salt", hash),
      digestOf({ ...details, recordedAt: soon }, "salt", hash),
      digestOf({ ...details, role: "admin" }, "salt", hash),
      digestOf({ ...details, recordId: "x" }, "salt", hash),
      digestOf({ ...details, times: 2 }, "salt", hash),
    ];
    expect(new Set([base, ...others]).size).toBe(11);
  });
});
