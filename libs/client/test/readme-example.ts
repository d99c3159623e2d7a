// The example of the README, so that the compiler checks it.
import { createClient, Problem } from "@partake/client";

const partake = createClient({ origin: "https://partake.example", token: () => process.env["TOKEN"] ?? "" });

const project = await partake.projects.createProject({ title: "Tuesday walking group" });
try {
  await partake.projects.updateProject({ projectId: project.id, status: "published" }, { ifMatch: project.version });
} catch (thrown) {
  if (!(thrown instanceof Problem) || thrown.code !== "precondition_failed") throw thrown;
  console.log(`somebody else changed it first (${thrown.requestId})`);
}

for await (const event of partake.gateway.watchEvents()) console.log(event.kind, event.recordId);
