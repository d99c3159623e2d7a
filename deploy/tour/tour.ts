// `npm run tour`: the main job, done by its people through the public interface only. Exits non-zero at the first surprise.
import { setTimeout as sleep } from "node:timers/promises";
import { narrator, Surprise } from "./narrator.ts";
import { type TourSettings, tourSettings } from "./settings.ts";
import { talk } from "./steps/answers.ts";
import { enrol, join, marks } from "./steps/enrolment.ts";
import { closeBooks } from "./steps/ledger.ts";
import { prepareOrganisation } from "./steps/organisation.ts";
import { makeProject } from "./steps/project.ts";
import { revoke } from "./steps/revocation.ts";
import { subscribe } from "./steps/subscriber.ts";
import { newId, type Tour } from "./visitor.ts";

/** The whole tour; throws at the first surprise. */
export async function tour(settings: TourSettings, write: (line: string) => void): Promise<void> {
  const visit: Tour = { settings, narrator: narrator(write) };
  await platformIsThere(settings);
  const run = newId("run").slice(-8);
  const organisation = await prepareOrganisation(visit, run);
  const project = await makeProject(visit, organisation);
  const enrolment = { organisation, project, marks: marks(run) };
  const participant = await enrol(visit, enrolment);
  const ben = await join(visit, enrolment, participant);
  const conversation = { ...enrolment, participant, ben };
  await talk(visit, conversation);
  await revoke(visit, { organisation, project, run });
  await subscribe(visit, conversation);
  await closeBooks(visit, conversation);
}

async function platformIsThere({ origin, patienceMs }: TourSettings): Promise<void> {
  const until = Date.now() + patienceMs;
  while (Date.now() < until) {
    const status = await fetch(`${origin}/.well-known/openid-configuration`).then(
      (response) => response.status,
      () => 0,
    );
    if (status === 200) return;
    await sleep(500);
  }
  throw new Surprise(`No platform answers at ${origin}. Start one with \`npm start\`.`);
}

if (import.meta.main) {
  const startedMs = performance.now();
  try {
    await tour(tourSettings(), console.log);
    console.log(
      `\nThe tour is done: everything went as it should (${((performance.now() - startedMs) / 1000).toFixed(1)} s).`,
    );
  } catch (thrown) {
    const error = thrown as Error;
    console.error(`\n✗ ${error.name === "Surprise" ? error.message : `${error.name}: ${error.message}`}`);
    process.exitCode = 1;
  }
}
