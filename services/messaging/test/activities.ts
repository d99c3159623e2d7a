import type { ParticipantRights } from "@partake/authz";
import type { Events } from "@partake/contract";
import { newId, type TestRole } from "@partake/testing";
import { expect } from "vitest";
import type { MessagingWorld, Person } from "./world.ts";

export type Activity = Events["org.partake.activity.recorded.v1"];
export type Level = ParticipantRights["level"];
export type State = ParticipantRights["state"];

export interface Participant {
  person: Person;
  contactId: string;
  participationId: string;
}

type Taking = { [K in "level" | "state" | "contactId"]?: ParticipantRights[K] | undefined };

/** Somebody who takes part in the project. */
export function participantOf(
  world: MessagingWorld,
  { contactId = newId("con"), ...taking }: Taking = {},
): Participant {
  const who = { person: world.somebody(), contactId, participationId: newId("par") };
  world.hold(who.person, [takingPart(world, who, taking)]);
  return who;
}

/** The role of a participant, with what the participation allows now. */
export function takingPart(world: MessagingWorld, who: Omit<Participant, "person">, taking: Taking = {}): TestRole {
  const { contactId, participationId } = who;
  const { level = "discuss", state = "active" } = taking;
  const rights = { participationId, contactId, boardId: newId("brd"), level, peerReview: false, state };
  return ["participant", world.project.id, world.project.id, rights];
}

/** What progress says of a comment on a post of the participant's. */
export function commentOn(
  world: MessagingWorld,
  { on, actor, more = {} }: { on: Participant; actor: Person; more?: Partial<Activity> },
): Activity {
  const { person, contactId, participationId } = on;
  const { organisationId, project } = world;
  return {
    ...{ contactId, organisationId, projectId: project.id, participationId, kind: "comment.created" },
    ...{ recordId: newId("cmt"), postId: newId("pst"), actorId: actor.userId },
    ...{ contactUserId: person.userId, threadUserIds: [person.userId], contactProjectIds: [project.id] },
    ...{ staffOnly: false, recordedAt: new Date().toISOString(), ...more },
  };
}

export async function told(world: MessagingWorld, data: Activity): Promise<void> {
  await world.parts.bus.publish({ type: "org.partake.activity.recorded.v1", data });
}

/** Tells something, and then something else to a person for whom it is known to arrive: what came by then is all that comes. */
export async function settledAfter(world: MessagingWorld, data: Activity): Promise<void> {
  await told(world, data);
  // The same key, so the same partition: it is handled after.
  const witness = participantOf(world, { contactId: data.contactId });
  await told(world, commentOn(world, { on: witness, actor: world.somebody() }));
  await expect.poll(async () => (await world.inbox(witness.person)).length, { timeout: 15_000 }).toBe(1);
}
