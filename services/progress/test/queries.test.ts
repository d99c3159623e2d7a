import { newId } from "@partake/testing";
import mongoose, { type Connection } from "mongoose";
import { afterAll, beforeAll, expect, test } from "vitest";
import { type ProgressWorld, type Shown, startProgressWorld } from "./world.ts";

let world: ProgressWorld;
let database: Connection;

beforeAll(async () => {
  world = await startProgressWorld();
  const { mongodbUri, mongodbDatabasePrefix } = world.parts.config;
  database = await mongoose.createConnection(mongodbUri, { dbName: `${mongodbDatabasePrefix}_progress` }).asPromise();
});
afterAll(async () => {
  await database?.db?.command({ profile: 0 });
  await database?.close();
  await world?.stop();
});

test("every query of every operation is answered from an index", async () => {
  await database.db?.command({ profile: 2 });
  const days = await world.metric();
  const board = await world.board([{ subjectId: days.id, cadence: "daily" }]);
  const [ann, bob] = [
    await world.enrol({ boardId: board.id, peerReview: true }),
    await world.enrol({ boardId: board.id, peerReview: true }),
  ];
  const { participationId, contactId } = ann;
  const file = { id: newId("fil"), participationId, name: "a.png", mediaType: "image/png" };
  const { id: fileId } = await world.call<Shown>(ann.person, "CreateFile", file);
  await world.call(ann.person, "CompleteFile", { fileId, size: 1, sha256: "ab".repeat(32) });
  const answer = await world.answer(ann.person, ann, { subjectId: days.id, value: { number: 3 }, fileIds: [fileId] });
  await world.call(bob.person, "CreateComment", { id: newId("cmt"), postId: answer.id, text: "Good" });
  await world.call(world.manager, "CreateNote", { id: newId("nte"), contactId, kind: "case_note", text: "Noted" });
  for (const by of [ann.person, world.manager, bob.person]) {
    await world.call(by, "ListComments", { postId: answer.id });
    await world.call(by, "GetFile", { fileId });
  }
  for (const by of [world.admin, world.manager, ann.person]) await world.call(by, "ListTimeline", { contactId });
  for (const by of [ann.person, bob.person]) await world.call(by, "ListMyNewsfeed");
  await world.call(ann.person, "GetMyBoard", { participationId });
  await world.call(ann.person, "GetMyChart", { participationId, subjectId: days.id });
  const { projectId, organisationId } = world;
  for (const name of ["ListMetrics", "ListQuestions", "ListBoards"])
    await world.call(world.manager, name, { projectId });
  const told = { organisationId, projectId, boardId: board.id, userId: ann.person.userId, level: "discuss" as const };
  await world.tellParticipation({
    ...told,
    participationId,
    contactId,
    peerReview: false,
    state: "active",
    version: 7,
  });
  const scope = { contactId, organisationId, projectIds: [projectId], createdBy: world.admin.userId };
  await world.tellContact({ ...scope, deleted: true, version: 9 });
  await database.db?.command({ profile: 0 });

  const own = { $not: /\.(journal|leases|system\.)/ };
  const profiled = await database.collection("system.profile").find({ ns: own }).toArray();
  const scans = profiled.filter(({ planSummary }) => String(planSummary).includes("COLLSCAN"));
  expect(scans.map(({ ns, command }) => ({ ns, filter: command.filter ?? command.q }))).toEqual([]);
  const collections = new Set(profiled.filter(({ planSummary }) => planSummary).map(({ ns }) => ns.split(".")[1]));
  const expected = ["boards", "contact_scopes", "entries", "files", "metrics", "participations", "questions"];
  expect([...collections].sort()).toEqual(expect.arrayContaining(expected));
});
