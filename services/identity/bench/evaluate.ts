// What an access evaluation costs in the service beyond the RPC that carries it: processor time for each question, asked one by
// one and a hundred at once, beside `may` alone. A JSON line for each; the unit is a time, so less is better.
import { type HeldRole, may, type ProjectPlace, presets, type Role } from "@partake/authz";
import { newId } from "@partake/contract";
import type { Call } from "@partake/rpc";
import { GrantsView, liveRights, type Parts, PlacesView, type ReadGrants } from "@partake/service";
import { evaluatingApi } from "../src/api/evaluating.ts";

const rounds = 9;
const questions = 20_000;
const batch = 100;

const now = new Date();
const [organisationId, folderId] = [newId("org", now), newId("fld", now)];
const projectIds = Array.from({ length: 200 }, () => newId("prj", now));
const people = Array.from({ length: 50 }, () => newId("usr", now));
const adminId = newId("usr", now);
const roles: Role[] = ["manager", "reporter", "observer"];

/** A colleague as there are many: a role in each of twenty projects. */
function rolesOf(userId: string): HeldRole[] {
  if (userId === adminId) return [{ grantId: newId("grn", now), role: "admin", scope: organisationId }];
  const first = people.indexOf(userId);
  return Array.from({ length: 20 }, (_, index) => {
    const scope = projectIds[(first * 7 + index) % projectIds.length] ?? "";
    return { grantId: newId("grn", now), role: roles[index % 3] ?? "observer", scope };
  });
}

async function readGrants({ userId }: { userId: string }): Promise<ReadGrants> {
  const held = rolesOf(userId);
  const { contactCreators, ...switches } = presets.charity;
  const grants = held.map(({ grantId: id, role, scope }) => {
    return { id, organisationId, userId, role, scope, version: 1, grantedAt: now.toISOString(), removed: false };
  });
  return {
    grants,
    version: 1,
    enabled: true,
    withheld: [],
    endedSessionIds: [],
    switches: { ...switches, contactCreators: [...contactCreators] },
  };
}

const grants = new GrantsView({ source: { read: readGrants } });
const place: ProjectPlace = { organisationId, status: "published", visibility: "people" };
const items = projectIds.map((projectId, index) => {
  return { ...place, projectId, version: 1, createdBy: adminId, ...(index % 4 === 0 && { folderId }) };
});
const places = new PlacesView({
  source: { read: async () => ({ items, nextCursor: "" }) },
  fresh: () => true,
});
const rightsOf = liveRights(grants, places);
const admin = await rightsOf({ organisationId, userId: adminId, version: 0 });
if (!admin) throw new Error("the admin holds nothing");
const call = {
  ...{ organisationId, actorId: adminId, grantsVersion: 0, caller: admin },
  may: (permission: string, record: object) => may(admin, permission, record as never),
  decide: (record: object) => {
    if (!may(admin, "access.explain", record as never)) throw new Error("the admin may not ask");
  },
} as unknown as Call;
const clients = new Proxy({} as Parts["clients"], {
  get: () => {
    throw new Error("nobody else is asked about projects");
  },
});
const api = evaluatingApi({ rightsOf, clients });

const asked = Array.from({ length: questions }, (_, index) => ({
  subject: { type: "user", id: people[index % people.length] ?? "" },
  action: { name: ["project.read", "project.edit", "people.read", "board.create"][index % 4] ?? "" },
  resource: { type: "project", id: projectIds[(index * 13) % projectIds.length] ?? "" },
}));
const batches = Array.from({ length: questions / batch }, (_, at) => asked.slice(at * batch, (at + 1) * batch));
const subjects = new Map(
  await Promise.all(
    people.map(async (userId) => [userId, await rightsOf({ organisationId, userId, version: 0 })] as const),
  ),
);

const bare = await measure(async () => {
  for (const { subject, action, resource } of asked) {
    const caller = subjects.get(subject.id);
    if (caller) may(caller, action.name, { organisationId, projectId: resource.id });
  }
});
const single = await measure(async () => {
  for (const question of asked) await api.evaluateAccess(question, call);
});
const many = await measure(async () => {
  for (const evaluations of batches) await api.evaluateAccesses({ evaluations } as never, call);
});
print("access evaluation, one by one: CPU in the service beyond the RPC (baseline: may alone)", single);
print("access evaluation, a hundred at once: CPU for each beyond the RPC (baseline: may alone)", many);

/** Microseconds of processor time for each question: the median of the rounds, the first left out. */
async function measure(run: () => Promise<void>): Promise<number> {
  const used: number[] = [];
  for (let round = 0; round < rounds; round += 1) {
    const before = process.cpuUsage();
    await run();
    const { user, system } = process.cpuUsage(before);
    used.push((user + system) / questions);
  }
  return used.slice(1).sort((a, b) => a - b)[Math.floor((rounds - 1) / 2)] ?? 0;
}

function print(name: string, value: number): void {
  console.log(JSON.stringify({ name, value, unit: "µs", baseline: bare, ratio: bare / value }));
}
