import {
  compile,
  type HeldRole,
  may,
  type Places,
  type ProjectPlace,
  type RecordScope,
  type Role,
  type Switches,
} from "@partake/authz";
import { type Transaction, trusted } from "@partake/store";
import { isLive } from "../domain/service-account.ts";
import { type GrantRecord, grants, notEnded } from "./grants.ts";
import { organisations } from "./organisations.ts";
import { serviceAccounts } from "./service-accounts.ts";
import { users } from "./users.ts";
import { withheldRights } from "./withheld-rights.ts";

/** More grants than one person holds on one project and what lies around it. */
const mostRelevant = 2_000;

/** A question about somebody's present powers. */
export interface PowersQuestion {
  userId: string;
  permission: string;
  record: RecordScope;
  /** Where the record's projects lie. */
  places: ReadonlyMap<string, ProjectPlace>;
  /** A board's admin enrols on the board; which one it was is not told, so any of theirs in the project counts. */
  onAnyBoard?: boolean;
}

/** What somebody may at this moment, and whether that lasts. */
export interface Powers {
  now: boolean;
  /** Also by those grants alone that end no earlier than the time that was asked about, or never. */
  lasting: boolean;
}

/** Whether a person holds a permission on a record by the grants of this very transaction. */
export async function holds(tx: Reader, question: PowersQuestion): Promise<boolean> {
  return (await powers(tx, question)).now;
}

/**
 * The same, and whether it lasts until a time; without one: for ever. Every change of a grant raises the organisation's version,
 * so of two that concern each other the later one sees the earlier: a power that is being taken away gives nothing away at the
 * same moment.
 */
export async function powers(tx: Reader, question: PowersQuestion, until?: Date): Promise<Powers> {
  const { userId, record, places, permission, onAnyBoard } = question;
  const over = await powersOver(tx, { userId, records: [record], places });
  return over({ permission, record, ...(onAnyBoard !== undefined && { onAnyBoard }) }, until);
}

/** What reads: a transaction, or the store at a time. */
export type Reader = Pick<Transaction, "find" | "get" | "now">;

type Asked = Pick<PowersQuestion, "permission" | "record" | "onAnyBoard">;

/** Somebody's powers over several records of one organisation, read once. */
export async function powersOver(
  tx: Reader,
  of: { userId: string; records: readonly RecordScope[]; places: ReadonlyMap<string, ProjectPlace> },
): Promise<(asked: Asked, until?: Date) => Powers> {
  const { userId, records, places } = of;
  const organisationId = records[0]?.organisationId ?? "";
  const organisation = await tx.get(organisations, organisationId);
  const who = await whoIs(tx, userId);
  if (who === undefined || organisation?.state !== "active") return () => ({ now: false, lasting: false });
  const scopes = [...new Set(records.flatMap((record) => scopesAround(record, places)))];
  const around = [{ scope: trusted({ $in: scopes }) }, ...records.flatMap(boardsOf)];
  const heldBy = (holder: string) =>
    tx.find(grants, { organisationId, userId: holder, ...notEnded(tx.now), $or: around }, { limit: mostRelevant });
  const held = await heldBy(userId);
  const projectIds = [...new Set(records.flatMap(projectsOf))];
  const withheld = await withheldFrom(tx, { organisationId, userId, projectIds });
  const { creatorId } = who;
  // What the admin who made a service account holds: it never may more than they. (R22)
  const creator =
    creatorId === undefined
      ? undefined
      : {
          userId: creatorId,
          live: (await heldBy(creatorId)).map(roleOf),
          withheld: await withheldFrom(tx, { organisationId, userId: creatorId, projectIds }),
        };
  const { switches } = organisation;
  return (asked, until) => {
    const by = (live: readonly GrantRecord[]) =>
      answers({ ...asked, userId, places }, { live, switches, withheld, creator });
    const now = by(held);
    const isShort = ({ expiresAt }: GrantRecord) =>
      expiresAt !== undefined && (until === undefined || expiresAt < until);
    return { now, lasting: now && (!held.some(isShort) || by(held.filter((grant) => !isShort(grant)))) };
  };
}

/** A person, or a service account with whoever made it; undefined: nobody who counts now. */
async function whoIs(tx: Reader, userId: string): Promise<{ creatorId?: string } | undefined> {
  const user = await tx.get(users, userId);
  if (user !== undefined) return user.enabled ? {} : undefined;
  const account = await tx.get(serviceAccounts, userId);
  if (account === undefined || !account.enabled || !isLive(account, tx.now)) return undefined;
  const creator = await tx.get(users, account.creatorId);
  return creator?.enabled === true ? { creatorId: creator._id } : undefined;
}

interface Held {
  live: readonly GrantRecord[];
  switches: Switches;
  withheld: readonly string[];
  creator: { userId: string; live: HeldRole[]; withheld: string[] } | undefined;
}

function answers(question: PowersQuestion, { live, switches, withheld, creator }: Held): boolean {
  const { userId, permission, record, places } = question;
  const { organisationId } = record;
  const held = { live: live.map(roleOf), switches, withheld, ...(creator !== undefined && { creator }) };
  const caller = compile({ userId, organisationId, ...held, places: placesOf(places) });
  if (may(caller, permission, record)) return true;
  if (question.onAnyBoard !== true) return false;
  const boards = live.filter(({ role, projectId }) => role === "board_admin" && projectId === record.projectId);
  return boards.some(({ scope }) => may(caller, permission, { ...record, boardId: scope }));
}

/** For which of these projects somebody's right derived from the folder was taken. (R16) */
export async function withheldFrom(
  tx: Pick<Reader, "find">,
  of: { organisationId: string; userId: string; projectIds: readonly string[] },
): Promise<string[]> {
  const { organisationId, userId, projectIds } = of;
  if (projectIds.length === 0) return [];
  const filter = { organisationId, userId, projectId: trusted({ $in: projectIds }), restored: false };
  const rights = await tx.find(withheldRights, filter, { limit: mostRelevant });
  return rights.map(({ projectId }) => projectId);
}

export function placesOf(known: ReadonlyMap<string, ProjectPlace>): Places {
  return {
    project: (projectId) => known.get(projectId),
    projectsIn: (folderId) =>
      [...known].filter(([, place]) => place.folderId === folderId).map(([projectId]) => projectId),
    openProjects: () => [],
    deletedProjects: () => [],
  };
}

export function scopesAround(record: RecordScope, places: ReadonlyMap<string, ProjectPlace>): string[] {
  const { organisationId, folderId, boardId, contactId } = record;
  const projectIds = projectsOf(record);
  const folderIds = projectIds.map((id) => places.get(id)?.folderId);
  const scopes = [organisationId, folderId, boardId, contactId, ...projectIds, ...folderIds];
  return [...new Set(scopes.filter((scope) => scope !== undefined))];
}

function projectsOf({ projectId, contactProjectIds = [] }: RecordScope): string[] {
  return [...(projectId === undefined ? [] : [projectId]), ...contactProjectIds];
}

function boardsOf({ projectId }: RecordScope): Record<string, unknown>[] {
  return projectId === undefined ? [] : [{ projectId, role: "board_admin" }];
}

export function roleOf({
  _id,
  role,
  scope,
  projectId,
  participant,
}: Pick<GrantRecord, "_id" | "role" | "scope"> & Partial<Pick<GrantRecord, "projectId" | "participant">>): HeldRole {
  return {
    grantId: _id,
    role: role as Role,
    scope,
    ...(projectId !== undefined && { projectId }),
    ...(participant !== undefined && { participant }),
  };
}
