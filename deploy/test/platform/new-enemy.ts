import type { Places } from "@partake/authz";
import { operation } from "@partake/contract";
import { createEnforcer, FetchedKeys } from "@partake/rpc";
import { newId } from "@partake/testing";
import { beforeAll, describe, expect, test } from "vitest";
import { type Leaver, leaver, statusOf } from "./leaver.ts";
import { type OpenStream, openStream } from "./streams.ts";

/** Whole as `npm run prove`; a part of it in each `npm test`. */
const ROUNDS = process.env["PARTAKE_PROVE"] ? 2_000 : 20;
const getProject = operation("/partake.v1.Projects/GetProject");

/**
 * Somebody loses a role, and then something is written that they must not see: however soon they ask, with a token that still
 * names the role, through whichever gateway. (abuse.md, "Role events out of order"; architecture.md, "No new-enemy window")
 */
describe(`[R18 R19] ${ROUNDS} times a role is taken and then something written`, () => {
  let person: Leaver;
  beforeAll(async () => {
    person = await leaver();
  }, 180_000);

  test("whoever lost it never sees it; by their token alone they would have", { timeout: 3_600_000 }, async () => {
    const { staged } = person;
    const { organisation, participant, platform } = staged;
    const admin = organisation.admin.at(organisation.id);
    const byTokenAlone = enforcerByTokenAlone(platform.origin);
    const seen = { live: 0, streamed: 0, byTokenAlone: 0 };
    for (let round = 0; round < ROUNDS; round++) {
      const token = await person.join();
      const known = `/v1/participations/${participant.participationId}`;
      // Every gateway and service holds what counted until now.
      for (const origin of platform.origins) expect(await statusOf(`${origin}${known}`, token)).toBe(200);
      const streams = await streamsOf(platform.origins, token);
      const stayers = await streamsOf(platform.origins, await organisation.admin.person.token(organisation.id));
      await person.leave();
      const { participationId } = participant;
      const id = newId("pst");
      await admin.progress.createPost({ id, participationId, kind: "story", narrative: "After they left." });
      const paths = [`/v1/posts/${id}`, `/v1/posts/${id}/comments`];
      const answers = await Promise.all(
        platform.origins.flatMap((origin) => paths.map((path) => statusOf(`${origin}${path}`, token))),
      );
      if (answers.includes(200)) seen.live += 1;
      // Once each gateway has told it to who may know, it has decided on everybody else.
      for (const stayer of stayers) await stayer.tells(id);
      if (streams.some(({ text }) => text().includes(id))) seen.streamed += 1;
      for (const stream of [...streams, ...stayers]) stream.close();
      if (await byTokenAlone(token, staged.project.id)) seen.byTokenAlone += 1;
    }
    process.stdout.write(
      `New enemy: seen in ${seen.live} and streamed in ${seen.streamed} of ${ROUNDS} rounds; ${seen.byTokenAlone} by the token alone\n`,
    );
    expect(seen).toEqual({ live: 0, streamed: 0, byTokenAlone: ROUNDS });
  });
});

/** A stream at each gateway. */
function streamsOf(origins: readonly string[], token: string): Promise<OpenStream[]> {
  return Promise.all(origins.map((origin) => openStream(origin, token)));
}

/** The same enforcer as everywhere, with live grants switched off: the claims alone count. */
function enforcerByTokenAlone(origin: string): (token: string, projectId: string) => Promise<boolean> {
  let organisationId = "";
  const places: Places = {
    project: () => ({ organisationId, status: "published", visibility: "people" }),
    projectsIn: () => [],
    deletedProjects: () => [],
    openProjects: () => [],
  };
  const enforcer = createEnforcer({
    origin,
    keys: new FetchedKeys({ url: `${origin}/oidc/jwks` }),
    serviceKeys: new Map(),
    grants: { fresh: () => false, heard: () => 0, read: async () => undefined },
    places: { of: () => places, load: () => undefined, ask: async () => undefined },
  });
  return async (token, projectId) => {
    const verified = await enforcer.authenticate({ authorization: `Bearer ${token}` });
    organisationId = verified.caller.kind === "user" ? (verified.caller.organisationId ?? "") : "";
    return enforcer.authorize({ operation: getProject, request: { projectId }, verified }).then(
      () => true,
      () => false,
    );
  };
}
