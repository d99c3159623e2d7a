// Progress and the gateway: boards, answers, posts, comments, timelines, files, streams. And notifications and billing.
import {
  allOf,
  anyOf,
  colleague,
  contactColumn,
  editors,
  nobody,
  not,
  operator,
  organisationColumn,
  owner,
  ownParticipation,
  participantRow,
  peers,
  personal,
  type Rule,
  reporters,
  withOrganisationToken,
} from "../rules.ts";
import {
  boards,
  contacts,
  type Expectations,
  everyParticipation,
  everyProject,
  mismatch,
  ofDiscuss,
  organisation,
  participationOf,
  posts,
  stale,
  taken,
  twoProjects,
} from "./targets.ts";
import {
  commentsOnPost,
  editsBoard,
  readsOwnPosts,
  readsPost,
  readsStaffComment,
  seesBoard,
  seesContact,
  seesParticipation,
  seesProject,
  seesSetup,
  updatesContact,
  writesPost,
} from "./views.ts";

const metric = { title: "Again", kind: "number" };
const question = { text: "Again?", kind: "text" };
const ownOverview = participantRow("own charts, own newsfeed, own dashboard, own timeline");
/** A peer is known by what they post. */
const seesTakingPart = anyOf(seesParticipation, ownParticipation, peers);
const preferences = organisationColumn("organisation preferences");
const organisationOnly = { targets: organisation, sees: withOrganisationToken };

/** The contact's whole timeline: a colleague by their level, a participant their own. */
const opensTimeline = anyOf(personal(contactColumn("timeline")), ownOverview);
/** "A timeline entry that belongs to a project is seen only by that project's team", whatever the level. */
const onTimeline = allOf(opensTimeline, readsPost);
/** "Case notes and staff timeline posts, about anyone, themselves included: never." */
const readsNote: Rule = personal(contactColumn("timeline"));

export const progressExpectations: Expectations = {
  "Progress.CreateMetric": [
    {
      targets: everyProject,
      request: ({ projectId, metricId: id }) => ({ projectId, id, ...metric }),
      acts: editors,
      sees: seesProject,
      past: taken,
    },
  ],
  "Progress.ListMetrics": [
    { targets: twoProjects, request: ({ projectId }) => ({ projectId }), acts: seesSetup, sees: seesProject },
  ],
  "Progress.CreateQuestion": [
    {
      targets: everyProject,
      request: ({ projectId, questionId: id }) => ({ projectId, id, ...question }),
      acts: editors,
      sees: seesProject,
      past: taken,
    },
  ],
  "Progress.ListQuestions": [
    { targets: twoProjects, request: ({ projectId }) => ({ projectId }), acts: seesSetup, sees: seesProject },
  ],
  "Progress.CreateBoard": [
    {
      targets: everyProject,
      request: ({ projectId, boardId: id }) => ({ projectId, id, title: "Again" }),
      acts: editors,
      sees: seesProject,
      past: taken,
    },
    {
      about: "with a card of another project",
      targets: [mismatch("own project", { project: "own" }), mismatch("sibling project", { project: "sibling" })],
      request: ({ projectId, otherMetricId: subjectId }) => ({
        projectId,
        title: "Foreign card",
        cards: [{ subjectId, cadence: "once" }],
      }),
      acts: nobody,
      sees: seesProject,
      never: ["400 unknown_card"],
    },
  ],
  "Progress.GetBoard": [{ targets: boards, request: ({ boardId }) => ({ boardId }), acts: seesBoard, sees: seesBoard }],
  "Progress.ListBoards": [
    {
      targets: boards,
      request: ({ projectId }) => ({ projectId }),
      acts: seesBoard,
      sees: seesBoard,
      item: ({ boardId }) => boardId,
    },
  ],
  "Progress.UpdateBoard": [
    {
      targets: boards,
      request: ({ boardId }) => ({ boardId, title: "Other" }),
      acts: editsBoard,
      sees: seesBoard,
      past: stale,
    },
  ],
  "Progress.CreatePost": [
    {
      targets: everyParticipation,
      // A metric that no board asks for: who may post here is told so.
      request: ({ participationId }) => ({
        participationId,
        kind: "answer",
        subjectId: "met_00000000-0000-7000-8000-000000000000",
        value: { number: 1 },
      }),
      acts: writesPost,
      sees: seesTakingPart,
      past: ["422 not_on_board"],
    },
  ],
  "Progress.GetPost": [{ targets: posts, request: ({ postId }) => ({ postId }), acts: readsPost, sees: readsPost }],
  "Progress.CreateComment": [
    {
      targets: posts,
      request: ({ postId }) => ({ postId, text: "A comment." }),
      acts: commentsOnPost,
      sees: readsPost,
    },
    {
      about: "in answer to a comment elsewhere",
      targets: [
        mismatch("a post of discuss", participationOf("discuss")),
        mismatch("a post of far", participationOf("far")),
      ],
      request: ({ postId, otherCommentId: replyTo }) => ({ postId, replyTo, text: "A reply." }),
      acts: nobody,
      sees: readsPost,
    },
  ],
  "Progress.ListComments": [
    {
      targets: posts,
      request: ({ postId }) => ({ postId }),
      acts: readsStaffComment,
      sees: readsStaffComment,
      item: ({ commentId }) => commentId,
    },
  ],
  "Progress.CreateNote": [
    {
      targets: contacts,
      request: ({ contactId }) => ({ contactId, kind: "case_note", text: "A note." }),
      acts: updatesContact,
      sees: seesContact,
    },
    {
      about: "in a project",
      targets: contacts
        .map((target) => {
          const { contact } = target.subject;
          if (contact === undefined || contact === "loose") return target;
          return { ...target, subject: { contact, project: contact === "far" ? "sibling" : "own" } } as const;
        })
        .filter(({ subject }) => subject.contact !== "loose"),
      request: ({ contactId, projectId }) => ({ contactId, projectId, kind: "staff_post", text: "A note." }),
      acts: allOf(updatesContact, personal(reporters)),
      // Whose level allows notes is then asked about the project, of which not everybody is told.
      sees: allOf(seesContact, anyOf(not(updatesContact), seesProject)),
    },
    {
      about: "in a project that the contact is not in",
      targets: [mismatch("contact client", { contact: "client" }), mismatch("contact loose", { contact: "loose" })],
      request: ({ contactId, otherProjectId: projectId }) => ({
        contactId,
        projectId,
        kind: "case_note",
        text: "A note.",
      }),
      acts: nobody,
      sees: seesContact,
    },
  ],
  "Progress.ListTimeline": [
    { targets: contacts, request: ({ contactId }) => ({ contactId }), acts: opensTimeline, sees: seesContact },
    {
      about: "posts",
      targets: posts,
      request: ({ contactId }) => ({ contactId }),
      acts: onTimeline,
      sees: onTimeline,
      item: ({ postId }) => postId,
    },
    {
      about: "notes",
      targets: contacts,
      request: ({ contactId }) => ({ contactId }),
      acts: readsNote,
      sees: readsNote,
      item: ({ noteId }) => noteId,
    },
  ],
  "Progress.GetMyBoard": [
    {
      targets: everyParticipation,
      request: ({ participationId }) => ({ participationId }),
      acts: ownOverview,
      sees: ownParticipation,
    },
  ],
  // After the end of a participation a chart of one's own answers is reading what one wrote.
  "Progress.GetMyChart": [
    {
      targets: everyParticipation,
      request: ({ participationId, metricId: subjectId }) => ({ participationId, subjectId }),
      acts: ownParticipation,
      sees: ownParticipation,
    },
    {
      about: "of a metric of another project",
      targets: [mismatch("own participation", participationOf("discuss"))],
      request: ({ participationId, otherMetricId: subjectId }) => ({ participationId, subjectId }),
      acts: nobody,
      sees: ownParticipation,
    },
  ],
  "Progress.ListMyNewsfeed": [
    {
      targets: posts,
      request: () => ({}),
      acts: allOf(({ person }) => person.participant !== undefined, readsOwnPosts),
      sees: nobody,
      item: ({ postId }) => postId,
    },
  ],
  // A stream shows what its watcher may read: for colleagues, participants and who has a role inside a project.
  "Gateway.WatchEvents": [
    {
      ...organisationOnly,
      request: () => ({}),
      acts: anyOf(
        colleague,
        ({ person }) => person.participant !== undefined,
        ({ person }) => person.holds.some(({ role }) => /^(board|album|event)_/.test(role)),
      ),
    },
  ],
  "Gateway.UploadFile": [
    {
      targets: everyParticipation,
      request: ({ participationId }) => ({ participationId }),
      acts: writesPost,
      sees: seesTakingPart,
      past: ["422 too_many"],
    },
  ],
  "Gateway.DownloadFile": [
    { targets: ofDiscuss, request: ({ fileId }) => ({ fileId }), acts: readsPost, sees: readsPost },
  ],
  // "Be notified": with the level discuss, and of one's own only.
  "Messaging.ListMyNotifications": [
    { targets: ofDiscuss, request: () => ({}), acts: owner, sees: owner, item: ({ notificationId }) => notificationId },
  ],
  "Messaging.MarkNotificationRead": [
    { targets: ofDiscuss, request: ({ notificationId }) => ({ notificationId }), acts: owner, sees: owner },
  ],
  // Credits are the organisation's: nearest to its preferences; an operator confirms orders and sees no more of them.
  "Billing.CreateOrder": [
    { ...organisationOnly, request: ({ orderId: id }) => ({ id, credits: 1 }), acts: preferences, past: taken },
  ],
  "Billing.ListOrders": [{ ...organisationOnly, request: () => ({}), acts: preferences }],
  "Billing.ListOpenOrders": [
    { ...organisationOnly, request: () => ({}), acts: operator("billing operator (platform)", "confirm orders") },
  ],
  "Billing.ConfirmOrder": [
    {
      ...organisationOnly,
      request: () => ({ orderId: "ord_00000000-0000-7000-8000-000000000000" }),
      acts: operator("billing operator (platform)", "confirm orders"),
      past: ["404 order_not_found"],
    },
  ],
  "Billing.GetBalance": [{ ...organisationOnly, request: () => ({}), acts: preferences }],
  "Billing.ListEntries": [{ ...organisationOnly, request: () => ({}), acts: preferences }],
};
