// The least that a service of this platform could be: one connection to MongoDB and one consumer of Kafka, with the drivers'
// own settings but for the guard without which kafkajs spins.
import { guardRequestQueue } from "@partake/bus";
import { Kafka, logLevel } from "kafkajs";
import mongoose from "mongoose";

export interface Usage {
  cpuSeconds: number;
  residentBytes: number;
}

const [, , database = "", topic = ""] = process.argv;
guardRequestQueue();
process.on("message", () => {
  const { user, system } = process.cpuUsage();
  process.send?.({ cpuSeconds: (user + system) / 1e6, residentBytes: process.memoryUsage.rss() } satisfies Usage);
});
await mongoose.createConnection(process.env["MONGODB_URI"] ?? "", { dbName: database }).asPromise();
const brokers = process.env["KAFKA_BROKERS"]?.split(",") ?? [];
const kafka = new Kafka({ clientId: "bare", brokers, logLevel: logLevel.NOTHING });
const admin = kafka.admin();
await admin.connect();
await admin.createTopics({ topics: [{ topic }], waitForLeaders: true });
await admin.disconnect();
const consumer = kafka.consumer({ groupId: topic });
await consumer.connect();
await consumer.subscribe({ topic });
await consumer.run({ eachMessage: async () => {} });
