import { idOf } from "@partake/testing";
import { type Random, seeded } from "./random.ts";

/** Who and what the demo organisation consists of. Everything follows from a seed, so that ids and texts are always the same. */
export const ORGANISATION_ID = idOf("org", "demo");
export const CREDITS = 500;

export const FOLDERS = [
  { id: idOf("fld", "wellbeing"), title: "Wellbeing", description: "Projects that help people feel better, together." },
  { id: idOf("fld", "work"), title: "Work and skills", description: "Ways into work, learning and volunteering." },
] as const;

export interface DemoProject {
  id: string;
  folderId: string;
  title: string;
  description: string;
  metric: {
    title: string;
    unit: string;
    baseline: number;
    target: number;
    milestone: { title: string; value: number };
  };
}

export const PROJECTS: readonly DemoProject[] = [
  project("Back on my feet", 0, "Twelve weeks of walking, talking and cooking together.", [
    "Days active per week",
    "days",
    1,
    5,
  ]),
  project("Good neighbours", 0, "Neighbours who look in on each other.", [
    "Conversations per week",
    "conversations",
    1,
    6,
  ]),
  project("First steps to work", 1, "From a first conversation to a first shift.", [
    "Applications per week",
    "applications",
    0,
    4,
  ]),
  project("Garden crew", 1, "Growing food and confidence on the old railway land.", [
    "Hours in the garden per week",
    "hours",
    1,
    8,
  ]),
];

/** The ONS's four questions on personal well-being, answered from 0 to 10 (ONS, Personal well-being user guidance). */
export const QUESTIONS = [
  "Overall, how satisfied are you with your life nowadays?",
  "Overall, to what extent do you feel that the things you do in your life are worthwhile?",
  "Overall, how happy did you feel yesterday?",
  "On a scale where 0 is “not at all anxious” and 10 is “completely anxious”, overall, how anxious did you feel yesterday?",
] as const;

export const FIELDS = [
  {
    id: idOf("cfd", "language"),
    name: "Preferred language",
    kind: "choice",
    choices: ["English", "Polish", "Urdu", "Welsh"],
  },
  { id: idOf("cfd", "referred"), name: "Referred by", kind: "text", choices: [] },
  { id: idOf("cfd", "household"), name: "People in household", kind: "number", choices: [] },
  { id: idOf("cfd", "first-met"), name: "First met", kind: "date", choices: [] },
] as const;

export interface DemoContact {
  /** Their place in the cast, from which all that they do follows. */
  index: number;
  id: string;
  name: string;
  email: string;
  kind: "client" | "service_user" | "referral_partner" | "funder" | "volunteer";
  language: string;
  referredBy: string;
  household: number;
  projectIndex: number;
  /** Of the first forty: how they take part. */
  participation?: { id: string; level: "see" | "share" | "discuss"; peerReview: boolean };
}

const FIRST_NAMES =
  "Amina Ben Carys Dawid Elsie Farah Gareth Hana Idris Jola Kofi Lena Marek Nia Omar Priya Rhys Sofia Tomasz Una".split(
    " ",
  );
const LAST_NAMES =
  "Abbott Begum Clarke Davies Evans Fraser Grant Hughes Ibrahim Jones Kowalska Lewis Morgan Nowak Owens".split(" ");

export function contacts(): DemoContact[] {
  const random = seeded(20_260_401);
  return Array.from({ length: 60 }, (_, index) => contact(index, random));
}

function contact(index: number, random: Random): DemoContact {
  const first = FIRST_NAMES[index % FIRST_NAMES.length] ?? "";
  const last = LAST_NAMES[(index * 7 + Math.floor(index / 15)) % LAST_NAMES.length] ?? "";
  const isParticipant = index < 40;
  return {
    index,
    id: idOf("con", `demo ${index}`),
    name: `${first} ${last}`,
    email: `${first}.${last}.${index}@people.example`.toLowerCase(),
    kind: isParticipant ? "service_user" : random.pick(["client", "referral_partner", "funder", "volunteer"] as const),
    language: random.pick(FIELDS[0].choices),
    referredBy: random.pick(["GP surgery", "Job centre", "Library", "A friend", "Housing team"]),
    household: random.whole(1, 6),
    projectIndex: index % PROJECTS.length,
    ...(isParticipant && {
      participation: {
        id: idOf("par", `demo ${index}`),
        level: index % 10 === 9 ? "see" : index % 10 === 8 ? "share" : "discuss",
        peerReview: index % 3 === 0,
      } as const,
    }),
  };
}

export interface DemoColleague {
  email: string;
  name: string;
  /** The role that they are invited to, and on what. */
  role: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer";
  scope?: string;
}

/** One colleague for each role that a person can be invited to; the roles on boards and contacts are given to them afterwards. */
export const COLLEAGUES: readonly DemoColleague[] = [
  { name: "Asha Patel", email: "asha.admin@demo.example", role: "admin" },
  { name: "Carl Webb", email: "carl.creator@demo.example", role: "creator" },
  { name: "Mina Osei", email: "mina.member@demo.example", role: "member" },
  { name: "Flora Reid", email: "flora.folders@demo.example", role: "folder_manager", scope: FOLDERS[0].id },
  { name: "Max Turner", email: "max.manager@demo.example", role: "manager", scope: projectAt(0) },
  { name: "Rosa Lind", email: "rosa.reporter@demo.example", role: "reporter", scope: projectAt(0) },
  { name: "Olu Bello", email: "olu.observer@demo.example", role: "observer", scope: projectAt(0) },
];

export interface FurtherRole {
  email: string;
  role: "board_admin" | "board_member" | "contact_updates" | "contact_profile" | "contact_headline" | "contact_none";
  scope: string;
  projectId?: string;
}

export const FURTHER_ROLES: readonly FurtherRole[] = [
  { email: "mina.member@demo.example", role: "board_admin", scope: boardOf(1), projectId: projectAt(1) },
  { email: "carl.creator@demo.example", role: "board_member", scope: boardOf(1), projectId: projectAt(1) },
  { email: "mina.member@demo.example", role: "contact_updates", scope: idOf("con", "demo 1") },
  { email: "mina.member@demo.example", role: "contact_profile", scope: idOf("con", "demo 5") },
  { email: "mina.member@demo.example", role: "contact_headline", scope: idOf("con", "demo 9") },
  { email: "olu.observer@demo.example", role: "contact_none", scope: idOf("con", "demo 4") },
];

export function boardOf(projectIndex: number): string {
  return idOf("brd", `demo ${projectIndex}`);
}

export function metricOf(projectIndex: number): string {
  return idOf("met", `demo ${projectIndex}`);
}

export function questionOf(projectIndex: number, question: number): string {
  return idOf("qst", `demo ${projectIndex} ${question}`);
}

function projectAt(index: number): string {
  return PROJECTS[index]?.id ?? "";
}

function project(
  title: string,
  folder: 0 | 1,
  description: string,
  metric: [string, string, number, number],
): DemoProject {
  const [name, unit, baseline, target] = metric;
  const milestone = { title: "Half way", value: Math.ceil(target / 2) };
  return {
    id: idOf("prj", title),
    folderId: FOLDERS[folder].id,
    title,
    description,
    metric: { title: name, unit, baseline, target, milestone },
  };
}
