import { newId, type Tour, visit } from "../visitor.ts";
import { accept, type TourOrganisation } from "./organisation.ts";
import type { TourProject } from "./project.ts";

const LIMIT_MS = 1_000;
const PAUSE_MS = 20;

/** A role is taken: a token that is still valid is refused within a second. (R19) */
export async function revoke(
  tour: Tour,
  { organisation, project, run }: { organisation: TourOrganisation; project: TourProject; run: string },
): Promise<void> {
  const { narrator, settings } = tour;
  narrator.step("A colleague loses a role: the still valid token is refused within a second");
  const email = `cleo.${run}@riverside.example`;
  const admin = organisation.admin.at(organisation.id);
  await admin.identity.inviteColleague({ id: newId("inv"), email, role: "observer", scope: project.id });
  const cleo = await visit(tour, email);
  await accept(tour, cleo);
  const token = await cleo.person.token(organisation.id);
  const read = () =>
    fetch(`${settings.origin}/v1/projects/${project.id}/metrics`, { headers: { authorization: `Bearer ${token}` } });
  narrator.expect((await read()).status === 200, "Cleo, an observer, reads the project's metrics");
  const colleagues = await admin.identity.listColleagues({});
  const grant = colleagues.items
    .flatMap(({ grants }) => grants)
    .find((each) => each.role === "observer" && each.scope === project.id);
  if (!grant) throw new Error("The observer's grant is not among the colleagues'.");
  await admin.identity.takeRole({ grantId: grant.id }, { ifMatch: grant.version });
  const takenMs = performance.now();
  let status = 200;
  while (status === 200 && performance.now() - takenMs < 5 * LIMIT_MS) {
    status = (await read()).status;
    if (status === 200) await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
  const tookMs = Math.round(performance.now() - takenMs);
  narrator.expect(status !== 200 && tookMs < LIMIT_MS, `the same token is refused after ${tookMs} ms (${status})`);
}
