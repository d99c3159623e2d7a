import { newId, type Visitor, visit } from "@partake/testing";
import { accept } from "../../tour/steps/organisation.ts";
import { type Stage, stage } from "./stage.ts";

/** Somebody whose role is given and taken, over and over. They stay a member: what they lose is the project. */
export interface Leaver {
  staged: Stage;
  visitor: Visitor;
  /** Gives the role and waits for a token that says so. */
  join(): Promise<string>;
  /** Takes it away; resolves when the platform says that it is done. */
  leave(): Promise<void>;
}

export async function leaver(): Promise<Leaver> {
  const staged = await stage();
  const { organisation, project, platform, tour, run } = staged;
  const admin = organisation.admin.at(organisation.id);
  const email = `leaver.${run}@riverside.example`;
  await admin.identity.inviteColleague({ id: newId("inv"), email, role: "member" });
  const visitor = await visit({ ...platform, email });
  await accept(tour, visitor);
  const { id: userId } = await visitor.at("account").identity.getMe({});
  let held: { id: string; version: number } | undefined;
  return {
    staged,
    visitor,
    async join() {
      held = await admin.identity.giveRole({ id: newId("grn"), userId, role: "reporter", scope: project.id });
      return visitor.person.token(organisation.id, { refresh: true });
    },
    async leave() {
      if (!held) throw new Error("They have left already.");
      await admin.identity.takeRole({ grantId: held.id }, { ifMatch: held.version });
      held = undefined;
    },
  };
}

/** How an address answers to a token, at one gateway. */
export async function statusOf(url: string, token: string): Promise<number> {
  const headers = { authorization: `Bearer ${token}` };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(30_000) });
  await response.arrayBuffer();
  return response.status;
}
