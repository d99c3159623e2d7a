import { type TestPlatformFacts, testPlatform } from "@partake/testing";
import type { Narrator } from "../../tour/narrator.ts";
import { type Conversation, talk } from "../../tour/steps/answers.ts";
import { enrol, join, marks } from "../../tour/steps/enrolment.ts";
import { prepareOrganisation } from "../../tour/steps/organisation.ts";
import { makeProject } from "../../tour/steps/project.ts";
import { newId, type Tour } from "../../tour/visitor.ts";

/** An organisation of its own on the shared platform, set up by the steps of the tour, without their words. */
export interface Stage extends Conversation {
  platform: TestPlatformFacts;
  tour: Tour;
  run: string;
}

export async function stage(options: { talking?: boolean } = {}): Promise<Stage> {
  const platform = await testPlatform();
  const tour = quietTour(platform);
  const run = newId("run").slice(-8);
  const organisation = await prepareOrganisation(tour, run);
  const project = await makeProject(tour, organisation);
  const enrolment = { organisation, project, marks: marks(run) };
  const participant = await enrol(tour, enrolment);
  const ben = await join(tour, enrolment, participant);
  const staged = { ...enrolment, participant, ben, platform, tour, run };
  if (options.talking) await talk(tour, staged);
  return staged;
}

export function quietTour(platform: TestPlatformFacts): Tour {
  const { origin, mailboxUrl } = platform;
  const settings = {
    origin,
    mailboxUrl,
    kafkaBrokers: process.env["KAFKA_BROKERS"] ?? "",
    kafkaPrefix: process.env["KAFKA_PREFIX"] ?? "",
    operatorEmail: "operator@partake.example",
    billingEmail: "billing@partake.example",
    patienceMs: 60_000,
  };
  return { settings, narrator: quiet(platform) };
}

/** Says nothing; still stops at a surprise. Requests go to the gateways in turn, as a load balancer would send them. */
function quiet({ origin, origins }: TestPlatformFacts): Narrator {
  let turn = 0;
  return {
    step: () => undefined,
    say: () => undefined,
    expect(holds, what) {
      if (!holds) throw new Error(`Expected: ${what}`);
    },
    fetch(input, init) {
      const url = input instanceof Request ? input.url : String(input);
      turn += 1;
      const gateway = origins[turn % origins.length] ?? origin;
      return fetch(url.startsWith(origin) ? gateway + url.slice(origin.length) : url, init);
    },
  };
}
