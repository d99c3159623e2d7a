import { newId, restartService } from "@partake/testing";
import mongoose from "mongoose";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Stage, stage } from "./stage.ts";

/** What a busy machine may take. */
const soon = { timeout: 60_000, interval: 100 };
const picture = Buffer.from("R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7", "base64");

/** The services and the gateway together: what leaves, what stays. Only the hour of waiting is shortened, in the database. */
describe("[G19] bytes of files", () => {
  let staged: Stage;
  const connections: mongoose.Connection[] = [];

  beforeAll(async () => {
    staged = await stage();
  }, 120_000);
  afterAll(() => Promise.all(connections.map((connection) => connection.close())));

  async function database(service: "gateway" | "progress"): Promise<mongoose.Connection> {
    const { MONGODB_URI = "", MONGODB_DATABASE_PREFIX = "" } = process.env;
    const dbName = `${MONGODB_DATABASE_PREFIX}_${service}`;
    const connection = await mongoose.createConnection(MONGODB_URI, { dbName }).asPromise();
    connections.push(connection);
    return connection;
  }

  test("leave with the contact they are about, and those of others stay", { timeout: 180_000 }, async () => {
    const { ben, organisation, participant, project } = staged;
    const { participationId, contactId } = participant;
    const [client, admin] = [ben.at(organisation.id), organisation.admin.at(organisation.id)];
    const { id: fileId } = await client.gateway.uploadFile(
      { participationId },
      { body: Buffer.from("A walk to the river."), mediaType: "text/plain", name: "walk.txt" },
    );
    const story = { id: newId("pst"), participationId, kind: "story", narrative: "I walked." } as const;
    await client.progress.createPost({ ...story, fileIds: [fileId] });
    const { id: imageId } = await admin.gateway.uploadProjectImage(
      { projectId: project.id },
      { body: picture, mediaType: "image/gif", name: "river.gif" },
    );
    const stored = (await database("gateway")).collection("files.files");
    const leaving = (await database("progress")).collection<{ _id: string; leaveAt: Date }>("leaving_bytes");
    const bytesOf = (id: string) => stored.countDocuments({ "metadata.fileId": id });

    const { version } = await admin.contacts.getContact({ contactId });
    await admin.contacts.deleteContact({ contactId }, { ifMatch: version });
    await expect.poll(() => leaving.countDocuments({ _id: fileId }), soon).toBe(1);
    expect([await bytesOf(fileId), await bytesOf(imageId)]).toEqual([1, 1]);

    await leaving.updateOne({ _id: fileId }, { $set: { leaveAt: new Date(0) } });
    // A gateway looks when it begins to lead.
    for (const replica of [0, 1]) await restartService({ name: "gateway", replica });
    await expect.poll(() => leaving.countDocuments({ _id: fileId }), soon).toBe(0);
    expect([await bytesOf(fileId), await bytesOf(imageId)]).toEqual([0, 1]);
    const shown = await admin.gateway.downloadImage({ imageId });
    expect((await shown.blob()).size).toBeGreaterThan(0);
  });
});
