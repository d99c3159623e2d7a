import type { Arrived } from "@partake/bus";
import { GrantsView, GrantVersions, type ReadGrants } from "@partake/service";
import { fakeClock } from "@partake/testing";
import { beforeEach, describe, expect, test } from "vitest";
import { grant, ORGANISATION, of, PROJECT, switches, USER } from "./held-by-one.ts";

let clock = fakeClock();
let answer: ReadGrants;
let reads: number;
let view: GrantsView;

beforeEach(() => {
  clock = fakeClock();
  reads = 0;
  const rest = { enabled: true, switches, withheld: [], endedSessionIds: [] };
  answer = { grants: [grant("grn_1", "manager", 3)], version: 5, ...rest };
  const read = async () => {
    reads += 1;
    return answer;
  };
  view = new GrantsView({ source: { read }, nowMs: clock.nowMs });
});

const arrive = (type: string, data: object) => view.broadcast.handle({ type, data } as unknown as Arrived);

const beat = () =>
  arrive("org.partake.identity.heartbeat.v1", { source: "identity", sentAt: clock.now().toISOString() });

const change = (grantId: string, version: number, userId = USER) =>
  arrive("org.partake.grant.changed.v1", {
    ...{ grantId, organisationId: ORGANISATION, userId, role: "manager", scope: PROJECT, peerReview: false },
    ...{ version, removed: false, grantedAt: "2026-01-01T00:00:00Z" },
  });

const organisation = (version: number) =>
  arrive("org.partake.organisation.changed.v1", {
    ...{ organisationId: ORGANISATION, state: "active", ...switches, timeZone: "Europe/London", version },
  });

describe("how far an organisation's grants are known", () => {
  test("by what the topic told, of whomever, in whatever order", () => {
    expect(view.heard(ORGANISATION)).toBe(0);
    change("grn_1", 6, "usr_2");
    change("grn_2", 4);
    organisation(5);
    expect(view.heard(ORGANISATION)).toBe(6);
    expect(view.heard("org_2")).toBe(0);
  });

  test("what was read says nothing of what was told, but all that is written keeps it", async () => {
    const versions = new GrantVersions(2);
    const source = { read: async () => ({ ...answer, version: 9 }) };
    const read = new GrantsView({ source, versions, nowMs: clock.nowMs });
    await read.read(of);
    expect([read.heard(ORGANISATION), versions.known(ORGANISATION)]).toEqual([0, 9]);
    versions.hear(ORGANISATION, 8);
    expect([read.heard(ORGANISATION), versions.known(ORGANISATION)]).toEqual([8, 9]);
  });

  test("of organisations that are long at rest it is forgotten", () => {
    const versions = new GrantVersions(2);
    versions.hear("org_1", 1);
    versions.hear("org_2", 1);
    versions.hear("org_1", 2);
    versions.hear("org_3", 1);
    expect(["org_1", "org_2", "org_3"].map((id) => versions.heard(id))).toEqual([2, 0, 1]);
  });
});

describe("a version that identity does not know", () => {
  test("is asked for once in half a second, however often it is named, and one that is made by then is found after it", async () => {
    beat();
    for (let times = 0; times < 5; times += 1)
      expect(await view.read({ ...of, version: 2_147_483_647 })).toMatchObject({ version: 5 });
    expect(reads).toBe(1);
    answer = { ...answer, version: 6 };
    clock.advance(501);
    expect(await view.read({ ...of, version: 6 })).toMatchObject({ version: 6 });
    expect(reads).toBe(2);
  });

  test("is asked for at once where the topic tells of it", async () => {
    beat();
    await view.read({ ...of, version: 2_147_483_647 });
    change("grn_2", 6, "usr_2");
    answer = { ...answer, version: 6 };
    expect(await view.read({ ...of, version: 6 })).toMatchObject({ version: 6 });
    expect(reads).toBe(2);
  });
});
