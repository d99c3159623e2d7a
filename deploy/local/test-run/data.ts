import { guardRequestQueue } from "@partake/bus";
import { Kafka, logLevel } from "kafkajs";
import mongoose from "mongoose";

const connectTimeoutMs = 5_000;

/** Removes what a test run has left on servers that others use as well: its databases, topics and groups. */
export async function removeTestData(run: {
  mongodbUri: string;
  kafkaBrokers: string;
  databasePrefix: string;
  kafkaPrefix: string;
}): Promise<void> {
  await Promise.all([dropDatabases(run), deleteTopics(run)]);
}

async function dropDatabases(run: { mongodbUri: string; databasePrefix: string }): Promise<void> {
  const options = { serverSelectionTimeoutMS: connectTimeoutMs };
  const connection = await mongoose.createConnection(run.mongodbUri, options).asPromise();
  try {
    const { databases } = await connection.listDatabases();
    for (const { name } of databases) {
      if (name.startsWith(run.databasePrefix)) await connection.useDb(name).dropDatabase();
    }
  } finally {
    await connection.close();
  }
}

async function deleteTopics(run: { kafkaBrokers: string; kafkaPrefix: string }): Promise<void> {
  guardRequestQueue();
  const kafka = new Kafka({
    brokers: run.kafkaBrokers.split(","),
    connectionTimeout: connectTimeoutMs,
    logLevel: logLevel.NOTHING,
  });
  const admin = kafka.admin();
  await admin.connect();
  try {
    const topics = (await admin.listTopics()).filter((topic) => topic.startsWith(run.kafkaPrefix));
    if (topics.length > 0) await admin.deleteTopics({ topics });
    const { groups } = await admin.listGroups();
    const own = groups.map((group) => group.groupId).filter((group) => group.startsWith(run.kafkaPrefix));
    // A group whose member was killed a moment ago is not empty yet; it expires by itself.
    if (own.length > 0) await admin.deleteGroups(own).catch(() => []);
  } finally {
    await admin.disconnect();
  }
}
