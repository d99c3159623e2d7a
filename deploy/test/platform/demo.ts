import { testPlatform, visit } from "@partake/testing";
import { describe, expect, test } from "vitest";
import { boardOf, COLLEAGUES, contacts, FOLDERS, ORGANISATION_ID, PROJECTS } from "../../demo/cast.ts";
import { history } from "../../demo/history.ts";
import { make } from "../../demo/make.ts";
import { quietTour } from "./stage.ts";

const isWhole = process.env["PARTAKE_PROVE"] !== undefined;
/** Whole as `npm run prove`; in each `npm test` everything but most of the people: two participants and somebody else. */
const sample = [0, 9, 41];
const everybody = contacts();
const people = isWhole ? everybody : sample.flatMap((index) => everybody[index] ?? []);
const participants = people.filter(({ participation }) => participation !== undefined);
const goalMs = 60_000;

describe("[C1 C2 G1 G2 G3 G4 P1 P2 R1] the demo organisation", () => {
  test("is made through the public interface, and a second time changes nothing", { timeout: 300_000 }, async () => {
    const { settings } = quietTour(await testPlatform());
    const until = new Date();
    const options = { ...settings, until, people, progress: () => undefined };
    const startedMs = performance.now();
    await make(options);
    if (isWhole) expect(performance.now() - startedMs).toBeLessThan(goalMs);

    const admin = await visit({ ...settings, email: COLLEAGUES[0]?.email ?? "" });
    const seen = async () => {
      const api = admin.at(ORGANISATION_ID);
      const [folders, projects, colleagues, found, balance, entries] = await Promise.all([
        api.projects.listFolders({}),
        api.projects.listProjects({}),
        api.identity.listColleagues({ limit: 200 }),
        api.contacts.searchContacts({ limit: 200 }),
        api.billing.getBalance({}),
        api.billing.listEntries({ limit: 200 }),
      ]);
      return { folders, projects, colleagues, found, balance, entries };
    };
    const first = await seen();
    expect(first.folders.items.map(({ id }) => id).sort()).toEqual(FOLDERS.map(({ id }) => id).sort());
    expect(first.projects.items.map(({ id }) => id).sort()).toEqual(PROJECTS.map(({ id }) => id).sort());
    expect(first.found.items.map(({ id }) => id).sort()).toEqual(people.map(({ id }) => id).sort());
    expect(first.colleagues.items.map(({ email }) => email).sort()).toEqual(
      COLLEAGUES.map(({ email }) => email).sort(),
    );
    expect(first.balance).toMatchObject({ used: participants.length, held: 0 });
    for (const person of participants) {
      const posts = await postsOf(admin, person.id);
      const expected = history(person, until).map(({ id }) => id);
      expect(posts.sort(), person.name).toEqual(expected.sort());
    }

    await make(options);
    expect(await seen()).toEqual(first);
  });

  test("is there for each of its people", { timeout: 120_000 }, async () => {
    const { settings } = quietTour(await testPlatform());
    const [person] = participants;
    if (!person?.participation) throw new Error("The demo's first contact takes part.");
    const self = await visit({ ...settings, email: person.email });
    const board = await self.at(ORGANISATION_ID).progress.getMyBoard({ participationId: person.participation.id });
    expect(board).toMatchObject({ boardId: boardOf(person.projectIndex) });
    for (const { email } of COLLEAGUES) {
      const colleague = await visit({ ...settings, email });
      const { organisations } = await colleague.at("account").identity.getMe({});
      expect(
        organisations.map(({ organisationId }) => organisationId),
        email,
      ).toEqual([ORGANISATION_ID]);
    }
  });
});

/** Of a contact's whole timeline. */
async function postsOf(admin: Awaited<ReturnType<typeof visit>>, contactId: string): Promise<string[]> {
  const posts: string[] = [];
  for (let cursor = ""; ; ) {
    const page = await admin
      .at(ORGANISATION_ID)
      .progress.listTimeline({ contactId, limit: 50, ...(cursor && { cursor }) });
    posts.push(...page.items.filter(({ kind }) => kind !== "case_note").map(({ id }) => id));
    cursor = page.nextCursor;
    if (cursor === "") return posts;
  }
}
