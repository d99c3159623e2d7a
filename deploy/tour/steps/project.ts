import { newId, type Tour } from "../visitor.ts";
import type { TourOrganisation } from "./organisation.ts";

export interface TourProject {
  id: string;
  metricId: string;
  questionIds: [string, string];
  boardId: string;
}

/** A folder, a project, what it measures and asks, and a managed board with a card for each. (P1, P2, G1, G2, G3) */
export async function makeProject({ narrator }: Tour, { id, admin }: TourOrganisation): Promise<TourProject> {
  narrator.step("Asha creates a folder, and in it a project with a metric, two questions and a progress board");
  const client = admin.at(id);
  const folder = await client.projects.createFolder({ id: newId("fld"), title: "Wellbeing" });
  const project = await client.projects.createProject({
    id: newId("prj"),
    folderId: folder.id,
    title: "Back on my feet",
    description: "Twelve weeks of walking, talking and cooking together.",
    status: "published",
  });
  const projectId = project.id;
  const metric = await client.progress.createMetric({
    projectId,
    id: newId("met"),
    title: "Days active per week",
    kind: "number",
    unit: "days",
    baseline: 1,
    target: 5,
    milestones: [{ title: "Every other day", value: 3 }],
  });
  narrator.say("The questions are two of the ONS's four on personal well-being, answered from 0 to 10.");
  const scale = { minimum: 0, maximum: 10, minimumLabel: "not at all", maximumLabel: "completely" };
  const satisfied = await client.progress.createQuestion({
    projectId,
    id: newId("qst"),
    text: "Overall, how satisfied are you with your life nowadays?",
    kind: "scale",
    scale,
  });
  const worthwhile = await client.progress.createQuestion({
    projectId,
    id: newId("qst"),
    text: "Overall, to what extent do you feel that the things you do in your life are worthwhile?",
    kind: "scale",
    scale,
  });
  const board = await client.progress.createBoard({
    projectId,
    id: newId("brd"),
    title: "How is it going?",
    managed: true,
    cards: [metric, satisfied, worthwhile].map((subject) => ({ subjectId: subject.id, cadence: "weekly" as const })),
  });
  narrator.expect(board.cards.length === 3, "the board has three question cards");
  return { id: projectId, metricId: metric.id, questionIds: [satisfied.id, worthwhile.id], boardId: board.id };
}
