import { idOf } from "@partake/testing";
import { type DemoContact, metricOf, PROJECTS, questionOf } from "./cast.ts";
import { seeded } from "./random.ts";

const WEEKS = 26;
const WEEK_MS = 7 * 24 * 3_600_000;

const STORIES = [
  "I went even though it rained. The tea afterwards was worth it.",
  "A slow week. I rang Max and we talked it over.",
  "I cooked for four people. Nobody left anything.",
  "Met two new people and remembered both names.",
  "I did the whole walk this time.",
  "Said yes to something I would have said no to in spring.",
];

export interface DemoPost {
  id: string;
  kind: "answer" | "story";
  subjectId?: string;
  value?: { number: number };
  narrative: string;
  recordedAt: string;
}

/** Half a year of a participant's answers and stories up to `until`: a trend towards the target, with good and bad weeks. */
export function history(contact: DemoContact, until: Date): DemoPost[] {
  const { index } = contact;
  const random = seeded(7_000 + index);
  const metric = PROJECTS[contact.projectIndex]?.metric;
  if (!metric) return [];
  const reach = metric.target * (0.6 + random.next() * 0.6);
  const mood = 3 + random.next() * 3;
  const start = until.getTime() - WEEKS * WEEK_MS;
  return Array.from({ length: WEEKS }, (_, week) => {
    const recordedAt = new Date(start + week * WEEK_MS + random.whole(0, 3) * 86_400_000).toISOString();
    const along = week / (WEEKS - 1);
    const value = clamp(
      metric.baseline + (reach - metric.baseline) * along + random.next() * 2 - 1,
      0,
      metric.target * 2,
    );
    const post = (name: string) => ({ id: idOf("pst", `demo ${index} ${week} ${name}`), recordedAt });
    const posts: DemoPost[] = [
      {
        ...post("metric"),
        kind: "answer",
        subjectId: metricOf(contact.projectIndex),
        value: { number: value },
        narrative: random.next() < 0.15 ? random.pick(STORIES) : "",
      },
    ];
    if (week % 4 === 0) {
      const question = (week / 4) % 4;
      const better = question === 3 ? -along : along;
      const number = clamp(mood + 3 * better + random.next() * 2 - 1, 0, 10);
      const subjectId = questionOf(contact.projectIndex, question);
      posts.push({ ...post("question"), kind: "answer", subjectId, value: { number }, narrative: "" });
    }
    if (random.next() < 0.06) posts.push({ ...post("story"), kind: "story", narrative: random.pick(STORIES) });
    return posts;
  }).flat();
}

function clamp(value: number, low: number, high: number): number {
  return Math.round(Math.min(high, Math.max(low, value)));
}
