import { openStream } from "../live-stream.ts";
import { newId, type Tour, type Visitor } from "../visitor.ts";
import type { Marks, TourParticipant } from "./enrolment.ts";
import type { TourOrganisation } from "./organisation.ts";
import type { TourProject } from "./project.ts";

export interface Conversation {
  organisation: TourOrganisation;
  project: TourProject;
  participant: TourParticipant;
  marks: Marks;
  ben: Visitor;
}

/** One white pixel. */
const PICTURE = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8/5+hHgAHggJ/PchI7wAAAABJRU5ErkJggg==",
  "base64",
);

/** Ben answers, staff see it live and comment, Ben is notified and replies. (G4, G5, G14, C4, E8) */
export async function talk(tour: Tour, conversation: Conversation): Promise<void> {
  const { narrator, settings } = tour;
  const { organisation, project, participant, marks, ben } = conversation;
  const staffStream = await openStream(settings.origin, organisation.admin, organisation.id);
  const benStream = await openStream(settings.origin, ben, organisation.id);
  try {
    narrator.step("Ben answers a card with a number, a story and a picture; Asha sees it at once");
    const postId = await answer(conversation);
    const answeredMs = performance.now();
    await staffStream.event(({ kind, recordId }) => kind === "post.created" && recordId === postId);
    narrator.say(
      `Asha's live stream told of it ${Math.round(performance.now() - answeredMs)} ms after the answer was stored`,
    );
    const staff = organisation.admin.at(organisation.id);
    const timeline = await staff.progress.listTimeline({ contactId: participant.contactId });
    const entry = timeline.items.find(({ id }) => id === postId);
    narrator.expect(
      entry?.post?.narrative === marks.narrative,
      "the answer is on the contact's timeline, with the story",
    );
    narrator.expect(
      timeline.items.some(({ kind }) => kind === "case_note"),
      "and so is the case note, for staff",
    );

    narrator.step("Asha comments; Ben is notified and replies");
    const comment = await staff.progress.createComment({ postId, id: newId("cmt"), text: marks.comment });
    await benStream.event(({ kind }) => kind === "notification.created");
    const client = ben.at(organisation.id);
    const { items } = await client.messaging.listMyNotifications({});
    narrator.expect(
      items.some((item) => item.postId === postId && !item.read),
      "Ben has a notification of the comment",
    );
    await client.progress.createComment({ postId, id: newId("cmt"), replyTo: comment.id, text: "Thank you!" });
    const comments = await staff.progress.listComments({ postId });
    narrator.expect(comments.items.length === 2, "Asha reads his reply");
    await lookBack(tour, conversation, { postId, metricId: project.metricId });
  } finally {
    staffStream.close();
    benStream.close();
  }
}

async function answer({ organisation, project, participant, marks, ben }: Conversation): Promise<string> {
  const client = ben.at(organisation.id);
  const { participationId } = participant;
  const file = await client.gateway.uploadFile(
    { participationId },
    { body: PICTURE, mediaType: "image/png", name: "river.png" },
  );
  const posted = await client.progress.createPost({
    id: newId("pst"),
    participationId,
    kind: "answer",
    subjectId: project.metricId,
    value: { number: 3 },
    narrative: marks.narrative,
    fileIds: [file.id],
  });
  await client.progress.createPost({
    id: newId("pst"),
    participationId,
    kind: "answer",
    subjectId: project.questionIds[0],
    value: { number: 7 },
  });
  return posted.id;
}

/** The participant's own chart and newsfeed; the case note is nowhere in them. (G9, G10, C5) */
async function lookBack(
  tour: Tour,
  conversation: Conversation,
  ids: { postId: string; metricId: string },
): Promise<void> {
  const { narrator } = tour;
  const { organisation, participant, marks, ben } = conversation;
  const { participationId, contactId } = participant;
  narrator.step("Ben looks at his chart and newsfeed");
  const client = ben.at(organisation.id);
  const chart = await client.progress.getMyChart({ participationId, subjectId: ids.metricId });
  narrator.expect(chart.points.at(-1)?.value?.number === 3, "the chart shows 3 days, against a target of 5");
  narrator.expect(
    chart.milestones.some(({ reachedAt }) => reachedAt !== undefined),
    "a milestone is reached",
  );
  const newsfeed = await client.progress.listMyNewsfeed({});
  narrator.expect(
    newsfeed.items.some(({ post }) => post?.id === ids.postId),
    "the newsfeed shows the answer",
  );
  const board = await client.progress.getMyBoard({ participationId });
  const timeline = await client.progress.listTimeline({ contactId }).catch((error: Error) => String(error));
  const comments = await client.progress.listComments({ postId: ids.postId });
  const everything = JSON.stringify([chart, newsfeed, board, timeline, comments]);
  narrator.expect(!everything.includes(marks.caseNote), "the case note appears nowhere to him");
}
