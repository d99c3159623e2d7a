// How fast `may` answers, beside a CASL ability that was built beforehand and a plain look-up in a table.
// A JSON line per measurement: ratio is ours to the baseline's, both in answers per second of the same run.
import { createMongoAbility, subject } from "@casl/ability";
import { compile } from "../src/compile.ts";
import { may } from "../src/decide.ts";
import type { HeldRole, Places, ProjectPlace, RecordScope } from "../src/facts.ts";
import { presets } from "../src/policy.ts";
import type { Role } from "../src/roles.ts";

const organisationId = "org_0190163d-8694-739b-aea5-966c26f8ad91";
const rounds = 7;
const roundMs = 120;

const uuid = (index: number): string => `0190163d-8694-739b-aea5-${String(index).padStart(12, "0")}`;
const projectIds = Array.from({ length: 40 }, (_, index) => `prj_${uuid(index)}`);
const folderId = `fld_${uuid(1)}`;

const placeOf = new Map<string, ProjectPlace>(
  projectIds.map((projectId, index) => {
    const place: ProjectPlace = { organisationId, status: "published", visibility: "people" };
    return [projectId, index < 10 ? { ...place, folderId } : place];
  }),
);
const places: Places = {
  project: (projectId) => placeOf.get(projectId),
  projectsIn: () => projectIds.slice(0, 10),
  openProjects: () => [],
  deletedProjects: () => [],
};

/** A colleague as there are many: manager of some projects, reporter and observer of others, and of a folder. */
function colleague(projects: number): HeldRole[] {
  const roles: Role[] = ["manager", "reporter", "observer"];
  const inProjects = Array.from({ length: projects }, (_, index): HeldRole => {
    return { grantId: "grn", role: roles[index % 3] ?? "observer", scope: projectIds[index] ?? `prj_${uuid(index)}` };
  });
  return [
    ...inProjects,
    { grantId: "grn", role: "folder_manager", scope: folderId },
    { grantId: "grn", role: "member", scope: organisationId },
  ];
}

const caller = compile({
  userId: `usr_${uuid(7)}`,
  organisationId,
  live: colleague(30),
  switches: presets.charity,
  places,
});
const many = compile({
  userId: `usr_${uuid(7)}`,
  organisationId,
  live: colleague(10_000),
  switches: presets.charity,
  places,
});
const admin = compile({
  userId: `usr_${uuid(8)}`,
  organisationId,
  live: [{ grantId: "grn", role: "admin", scope: organisationId }],
  switches: presets.charity,
  places,
});

interface Question {
  permission: string;
  record: RecordScope;
}

const questions: Question[] = projectIds.flatMap((projectId) =>
  ["project.read", "project.edit", "board.edit", "board.read"].map((permission) => ({
    permission,
    record: { organisationId, projectId, boardId: `brd_${uuid(3)}` },
  })),
);

/** The same rights for the same questions, as CASL keeps them: conditions on the record's fields. */
const ability = createMongoAbility(
  ["project.read", "project.edit", "board.edit", "board.read"].map((permission) => ({
    action: permission,
    subject: "Record",
    conditions: {
      organisationId,
      projectId: { $in: projectIds.filter((projectId) => questionFor(permission, projectId)) },
    },
  })),
);

function questionFor(permission: string, projectId: string): boolean {
  return may(caller, permission, { organisationId, projectId, boardId: `brd_${uuid(3)}` });
}

const subjects = questions.map(({ permission, record }) => ({ permission, record: subject("Record", { ...record }) }));
const tableOfAnswers = new Map<string, Set<string>>();
for (const { permission, record } of questions) {
  const allowed = tableOfAnswers.get(permission) ?? new Set();
  if (may(caller, permission, record)) allowed.add(record.projectId ?? "");
  tableOfAnswers.set(permission, allowed);
}

/** Answers per second of processor time, the middle one of several rounds. */
function perSecond(ask: () => number, asked: number): number {
  const figures = Array.from({ length: rounds }, () => {
    const start = process.cpuUsage();
    const until = performance.now() + roundMs;
    let count = 0;
    while (performance.now() < until) {
      for (let turn = 0; turn < 50; turn++) count += ask() >= 0 ? asked : 0;
    }
    const { user, system } = process.cpuUsage(start);
    return (count / (user + system)) * 1e6;
  });
  figures.sort((one, other) => one - other);
  return figures[Math.floor(rounds / 2)] ?? 0;
}

const askAll = (of: typeof caller) => () =>
  questions.reduce((sum, { permission, record }) => sum + (may(of, permission, record) ? 1 : 0), 0);
const casl = () => subjects.reduce((sum, { permission, record }) => sum + (ability.can(permission, record) ? 1 : 0), 0);
const lookUp = () =>
  questions.reduce(
    (sum, { permission, record }) => sum + (tableOfAnswers.get(permission)?.has(record.projectId ?? "") ? 1 : 0),
    0,
  );

if (askAll(caller)() !== casl() || casl() !== lookUp())
  throw new Error("the answers differ, so the speeds compare nothing");

const caslRate = perSecond(casl, questions.length);
const lookUpRate = perSecond(lookUp, questions.length);
const rates: [string, () => number][] = [
  ["may, a colleague with 32 roles", askAll(caller)],
  ["may, a colleague with 10,002 roles", askAll(many)],
  ["may, an admin", askAll(admin)],
];
for (const [name, ask] of rates) {
  const value = perSecond(ask, questions.length);
  for (const [against, baseline] of [
    ["a prebuilt CASL ability", caslRate],
    ["a plain table look-up", lookUpRate],
  ] as const) {
    const line = { name: `${name}, against ${against}`, value, unit: "answers/s", baseline, ratio: value / baseline };
    process.stdout.write(
      `${JSON.stringify({ ...line, value: Math.round(value), baseline: Math.round(baseline), ratio: Number(line.ratio.toFixed(2)) })}\n`,
    );
  }
}
