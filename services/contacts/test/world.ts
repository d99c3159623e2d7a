import { failure } from "@partake/failure";
import { newId, type ServiceWorld, startServiceWorld, type TestCaller, type TestRole } from "@partake/testing";
import { definition } from "../src/definition.ts";

/** What the services around contacts do in a test: each step's calls are kept, and a step can be made to refuse or to be away. */
export interface Around {
  calls: { step: string; participationId: string; email?: string; inviteBy?: string }[];
  /** By step: the code and reason with which it answers instead, so many times. */
  trouble: Map<string, { code: "unavailable" | "unprocessable"; reason: string; times: number }>;
  /** What the organisation has, and what was asked about it. */
  credits: { available: number; asked: { pseudonyms: string[]; newcomers: number }[] };
}

export interface ContactsWorld extends ServiceWorld {
  around: Around;
  projectId: string;
  boardId: string;
  /** Another project of the organisation. */
  otherProjectId: string;
  manager: TestCaller;
  contact(as: TestCaller, more?: object): Promise<ShownContact>;
  enrolment(contactId: string): { id: string; contactId: string; projectId: string; boardId: string; level: string };
}

export interface ShownContact {
  id: string;
  name: string;
  email?: string;
  customValues: unknown[];
  projectIds: string[];
  level: string;
  version: number;
  hasAccount: boolean;
}

export async function startContactsWorld(): Promise<ContactsWorld> {
  const around: Around = { calls: [], trouble: new Map(), credits: { available: 1_000, asked: [] } };
  const step = (name: string) => async (request: object) => {
    const trouble = around.trouble.get(name);
    const { participationId = "", ...told } = {
      ...("participant" in request && (request.participant as object)),
      ...request,
    } as Partial<Around["calls"][number]>;
    const { email, inviteBy } = told;
    around.calls.push({ step: name, participationId, ...(email && { email }), ...(inviteBy && { inviteBy }) });
    if (!trouble || trouble.times === 0) return {};
    trouble.times -= 1;
    throw failure(trouble.code, trouble.reason);
  };
  const [projectId, boardId, otherProjectId] = [newId("prj"), newId("brd"), newId("prj")];
  const getBoard = async (board: { boardId: string }) => {
    if (board.boardId !== boardId) throw failure("not_found", "not_found");
    return { id: boardId, projectId };
  };
  const organisation = { id: "" };
  const world = await startServiceWorld({
    definition,
    topics: ["contacts", "audit"],
    clients: {
      Identity: {
        reserveAccount: step("account") as never,
        inviteParticipant: step("invitation") as never,
        renewParticipantInvitation: step("renew") as never,
        releaseAccount: step("undo account") as never,
        putParticipantRole: step("role") as never,
        giveCreatorRole: step("creator") as never,
      },
      Billing: {
        async readCreditNeed({ pseudonyms = [], newcomers = 0 }) {
          around.credits.asked.push({ pseudonyms: [...pseudonyms], newcomers });
          const needed = pseudonyms.length + newcomers;
          return { needed, suffices: needed <= around.credits.available };
        },
        holdCredit: step("credit") as never,
        useCredit: step("use") as never,
        releaseCredit: step("undo credit") as never,
      },
      Progress: {
        addToBoard: step("board") as never,
        removeFromBoard: step("undo board") as never,
        getBoard: getBoard as never,
      },
    },
    places: [projectId, otherProjectId].map((id) => ({
      projectId: id,
      get organisationId() {
        return organisation.id;
      },
      status: "published",
      visibility: "people",
      version: 1,
    })),
  });
  organisation.id = world.organisationId;
  return {
    ...world,
    around,
    projectId,
    boardId,
    otherProjectId,
    manager: world.person([["manager", projectId] satisfies TestRole]),
    contact: (as, more = {}) =>
      world.call<ShownContact>(as, "CreateContact", {
        ...{ id: newId("con"), projectId, kind: "client", name: "Ben Nowak", email: "ben@mail.example" },
        ...more,
      }),
    enrolment: (contactId) => ({ id: newId("par"), contactId, projectId, boardId, level: "discuss" }),
  };
}
