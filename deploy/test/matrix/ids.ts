import { newId } from "@partake/testing";
import type { Ids, Target } from "./expectations/targets.ts";
import { contactProjects, projects } from "./people.ts";
import type { Organisation } from "./world.ts";

/** The ids of a target in an organisation; what the target does not say is of the project "own". */
export function idsOf({ id: organisationId, contents }: Organisation, { subject }: Pick<Target, "subject">): Ids {
  const contact = subject.contact ?? "client";
  const project = subject.project ?? subject.folder ?? contactProjects[contact][0] ?? "own";
  const [part, other] = project === "sibling" ? (["sibling", "own"] as const) : (["own", "sibling"] as const);
  const participation = subject.participation ?? (part === "sibling" ? "far" : "discuss");
  const { folder } = projects[project];
  const contactId = contents.contacts[contact];
  const { organisation, contacts, ...parts } = contents.grants;
  return {
    organisationId,
    folderId: folder ? contents.folders[folder] : "",
    projectId: contents.projects[project],
    boardId: contents.boards[part],
    otherProjectId: contents.projects[other],
    otherBoardId: contents.boards[other],
    otherMetricId: contents.metrics[other],
    otherCommentId: contents.comments[participation === "far" ? "discuss" : "far"],
    metricId: contents.metrics[part],
    questionId: contents.questions[part],
    contactId,
    muteContactId: contents.mutes[part],
    participationId: contents.participations[participation],
    postId: contents.posts[participation],
    commentId: contents.comments[participation],
    noteId: contents.notes[contact] ?? "",
    fileId: contents.fileId,
    imageId: contents.imageId,
    notificationId: contents.notificationId,
    invitationId: contents.invitationId,
    withheldRightId: contents.withheldRightId,
    deletionRequestId: contents.deletionRequests[project],
    contactFieldId: contents.contactFieldId,
    orderId: contents.orderId,
    grants: { organisation, ...parts[part], contact: contacts[contactId] ?? "" },
  };
}

/** Ids that nothing has. */
export function missingIds(): Ids {
  const grants = {
    organisation: newId("grn"),
    folder: newId("grn"),
    project: newId("grn"),
    board: newId("grn"),
    contact: newId("grn"),
  };
  return {
    organisationId: newId("org"),
    folderId: newId("fld"),
    projectId: newId("prj"),
    boardId: newId("brd"),
    otherProjectId: newId("prj"),
    otherBoardId: newId("brd"),
    otherMetricId: newId("met"),
    otherCommentId: newId("cmt"),
    metricId: newId("met"),
    questionId: newId("qst"),
    contactId: newId("con"),
    muteContactId: newId("con"),
    participationId: newId("par"),
    postId: newId("pst"),
    commentId: newId("cmt"),
    noteId: newId("nte"),
    fileId: newId("fil"),
    imageId: newId("img"),
    notificationId: newId("ntf"),
    invitationId: newId("inv"),
    withheldRightId: newId("whr"),
    deletionRequestId: newId("drq"),
    contactFieldId: newId("cfd"),
    orderId: newId("ord"),
    grants,
  };
}
