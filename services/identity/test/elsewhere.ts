// The other services, as identity meets them in its tests.
import { operations, type Services } from "@partake/contract";
import { failure } from "@partake/failure";
import type { Call, Implementations } from "@partake/rpc";

type Mail = Services["Messaging"]["sendMail"]["request"];

/** What the stand-ins know. */
export interface Elsewhere {
  folders: Set<string>;
  /** Projects and the organisation that they belong to. */
  projects: Map<
    string,
    { organisationId: string; folderId?: string; status?: "draft" | "published" | "deleted"; visibility?: "public" }
  >;
  /** The organisations in which somebody follows something, by person. */
  followed: Map<string, string[]>;
  projectsIsAway: boolean;
  boards: Map<string, string>;
  contacts: Map<string, string[]>;
  /** Participations and what they are of. */
  participations: Map<string, { projectId: string; contactId: string; boardId: string }>;
  /** The ids of records about which the stand-ins were asked what decides access to them, a list for each call. */
  asked: string[][];
  messagingIsAway: boolean;
  /** How messaging refuses mails to some addresses. */
  unmailable: Map<string, "internal" | "invalid">;
  contactsIsAway: boolean;
  accepted: { participationId: string; userId: string }[];
  participationsEnded: Set<string>;
  /** Accounts that a contact is linked to already, by participation. */
  linked: Map<string, string>;
}

type Handler = (request: never, call: Call) => Promise<object>;

export function standIns(elsewhere: Elsewhere, mails: Mail[]): Implementations {
  const missing = () => failure("not_found", "not_found");
  return {
    Projects: implement("Projects", {
      async readFollowedOrganisations({ userId }: { userId: string }) {
        if (elsewhere.projectsIsAway) throw failure("unavailable", "away");
        return { organisationIds: elsewhere.followed.get(userId) ?? [] };
      },
      readRecordScopes: readRecordScopes(elsewhere),
      async getFolder({ folderId }: { folderId: string }) {
        if (!elsewhere.folders.has(folderId)) throw missing();
        return { id: folderId };
      },
      async getProject({ projectId }: { projectId: string }) {
        if (!elsewhere.projects.has(projectId)) throw missing();
        return { id: projectId };
      },
      async readScopes({ projectIds, organisationId }: { projectIds: string[]; organisationId?: string }) {
        const items = [...elsewhere.projects].map(([projectId, place]) => ({
          projectId,
          status: "published",
          visibility: "people",
          ...place,
          version: 1,
        }));
        return {
          items: items.filter((item) => projectIds.includes(item.projectId) || item.organisationId === organisationId),
          nextCursor: "",
        };
      },
    }),
    Progress: implement("Progress", {
      readRecordScopes: readRecordScopes(elsewhere),
      async getBoard({ boardId }: { boardId: string }, call: Call) {
        call.visible("board.read");
        const projectId = elsewhere.boards.get(boardId);
        if (projectId === undefined) throw missing();
        return { id: boardId, projectId };
      },
    }),
    Contacts: implement("Contacts", {
      readRecordScopes: readRecordScopes(elsewhere),
      async getContact({ contactId }: { contactId: string }, call: Call) {
        call.visible("contact.read");
        const projectIds = elsewhere.contacts.get(contactId);
        if (projectIds === undefined) throw missing();
        return { id: contactId, projectIds };
      },
      async acceptParticipation(request: { participationId: string; userId: string }) {
        if (elsewhere.contactsIsAway) throw failure("unavailable", "away");
        if (elsewhere.participationsEnded.has(request.participationId)) throw failure("gone", "participation_ended");
        const linked = elsewhere.linked.get(request.participationId) ?? request.userId;
        if (linked !== request.userId) throw failure("conflict", "contact_linked");
        elsewhere.linked.set(request.participationId, request.userId);
        elsewhere.accepted.push(request);
        return { id: request.participationId };
      },
    }),
    Messaging: implement("Messaging", {
      async sendMail(mail: Mail) {
        if (elsewhere.messagingIsAway) throw failure("unavailable", "away");
        const refusal = elsewhere.unmailable.get(mail.to);
        if (refusal !== undefined) throw failure(refusal, "refused");
        if (!mails.some(({ id }) => id === mail.id)) mails.push(mail);
        return {};
      },
    }),
  } as unknown as Implementations;
}

/** What decides access to the records that the stand-ins know. */
function readRecordScopes({ projects, boards, contacts, participations, asked }: Elsewhere) {
  const inFolder = (folderId: string) => [...projects.values()].find((place) => place.folderId === folderId);
  const organisationOf = (projectId: string | undefined) => projects.get(projectId ?? "")?.organisationId;
  const factsOf = (id: string): Record<string, unknown> => {
    const projectId = boards.get(id);
    const projectIds = contacts.get(id);
    const part = participations.get(id);
    if (part !== undefined) return { organisationId: organisationOf(part.projectId), ...part, participationId: id };
    if (projectId !== undefined) return { organisationId: organisationOf(projectId), projectId, boardId: id };
    if (projectIds !== undefined) {
      const of = { contactId: id, contactProjectIds: projectIds, hasContactProjects: true };
      return { organisationId: organisationOf(projectIds[0]), ...of };
    }
    if (id.startsWith("fld_")) return { organisationId: inFolder(id)?.organisationId, folderId: id };
    return { organisationId: organisationOf(id), projectId: id };
  };
  return async ({ ids }: { ids: string[] }) => {
    asked.push(ids);
    const none = { contactProjectIds: [], hasContactProjects: false, peerReview: false, staffOnly: false };
    const items = ids.map((id) => ({ id, ...none, ...factsOf(id) }));
    return { items: items.filter((item) => item["organisationId" as never] !== undefined) };
  };
}

function implement(service: keyof Services, done: Record<string, Handler>): object {
  const rest = async () => {
    throw new Error("nobody asked for this");
  };
  const names = operations
    .filter((one) => one.service === service)
    .map(({ name }) => name.charAt(0).toLowerCase() + name.slice(1));
  return { ...Object.fromEntries(names.map((name) => [name, rest])), ...done };
}
