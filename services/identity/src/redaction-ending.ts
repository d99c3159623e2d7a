import { asFailure } from "@partake/failure";
import { eachDue, type Parts } from "@partake/service";
import { type Cause, type Store, trusted } from "@partake/store";
import { tellOrganisation } from "./store/grant-changes.ts";
import { grants, notEnded } from "./store/grants.ts";
import { raiseGrantsVersion } from "./store/grants-version.ts";
import { organisations } from "./store/organisations.ts";
import {
  type RedactionEndingRecord,
  type RedactionNoticeRecord,
  redactionEndings,
  redactionNotices,
} from "./store/redaction-endings.ts";
import { users } from "./store/users.ts";

type EndingParts = Pick<Parts, "store" | "clients" | "clock" | "config" | "newId" | "log">;

const dayMs = 24 * 60 * 60_000;
/** How long after all managers were told redacted access ends. (roles.md) */
export const NOTICE_MS = 7 * dayMs;
/** Roles of managers that are looked at together; a person has one of these for each project. */
const rolesAtOnce = 1_000;
const mostEndings = 50;
const mailsAtOnce = 50;
const noticesAtOnce = 100;
const timeoutMs = 5_000;
const cause: Cause = { actorId: "service:identity", traceparent: undefined };

/** Takes every ending of redacted access its next step. Each step is stored, and is done once however often this runs. (R12) */
export async function advanceRedactionEndings(parts: EndingParts): Promise<void> {
  const { store, clock } = parts;
  const limit = mostEndings;
  await eachDue(parts, {
    name: "redaction-telling",
    find: (_id) => store.find(redactionEndings, { state: "telling", _id }, { limit }),
    work: (ending) => tellManagers(parts, ending),
  });
  const due = { state: "waiting", endsAt: trusted({ $lte: clock.now() }) };
  await eachDue(parts, {
    name: "redaction-endings",
    find: (_id) => store.find(redactionEndings, { ...due, _id }, { limit }),
    work: (ending) => finish(parts, ending),
  });
}

async function tellManagers(parts: EndingParts, ending: RedactionEndingRecord): Promise<void> {
  const { store } = parts;
  const { organisationId, _id: endingId } = ending;
  if (await listManagers(parts, ending)) return;
  await eachDue(parts, {
    name: "redaction-notices",
    find: (_id) => store.find(redactionNotices, { endingId, isTold: false, _id }, { limit: mailsAtOnce }),
    work: (notice) => tellManager(parts, notice),
  });
  if ((await store.count(redactionNotices, { endingId, isTold: false })) > 0) return;
  await store.write(cause, async (tx) => {
    const current = await tx.get(redactionEndings, endingId);
    const organisation = await tx.get(organisations, organisationId);
    if (current?.state !== "telling" || organisation === undefined) return endingId;
    // Whoever becomes a manager at this moment is told before, or manages after: this raises the same version.
    await raiseGrantsVersion(tx, organisationId);
    const endsAt = new Date(tx.now.getTime() + NOTICE_MS);
    await tx.update(redactionEndings, current, { state: "waiting", endsAt });
    await tx.update(organisations, organisation, { redactedUntil: endsAt });
    tx.audit({ action: "redacted_access.managers_told", organisationId, subjectId: organisationId });
    return endingId;
  });
}

/** Notes whom to tell; true while there may be more to note. */
async function listManagers({ store, newId, clock }: EndingParts, ending: RedactionEndingRecord): Promise<boolean> {
  const { organisationId, _id: endingId } = ending;
  const direct = { organisationId, role: "manager", ...notEnded(clock.now()) };
  const inOrder = { limit: rolesAtOnce, sort: { _id: 1 } } as const;
  for (let [after, found] = ["", rolesAtOnce]; found === rolesAtOnce; ) {
    const managers = await store.find(grants, { ...direct, _id: trusted({ $gt: after }) }, inOrder);
    [after, found] = [managers.at(-1)?._id ?? after, managers.length];
    const missing = await unnoted(store, { endingId, userIds: new Set(managers.map(({ userId }) => userId)) });
    if (missing.length === 0) continue;
    const notices = missing.slice(0, noticesAtOnce).map((userId) => {
      return { _id: noticeId(endingId, userId), organisationId, endingId, userId, mailId: newId("eml"), isTold: false };
    });
    await store.write(cause, async (tx) => {
      for (const notice of notices) await tx.insert(redactionNotices, notice);
      return endingId;
    });
    return true;
  }
  return false;
}

function noticeId(endingId: string, userId: string): string {
  return `${endingId}:${userId}`;
}

async function unnoted(store: Store, of: { endingId: string; userIds: ReadonlySet<string> }): Promise<string[]> {
  const { endingId, userIds } = of;
  if (userIds.size === 0) return [];
  const ids = [...userIds].map((userId) => noticeId(endingId, userId));
  const noted = await store.find(redactionNotices, { _id: trusted({ $in: ids }) }, { limit: ids.length });
  const known = new Set(noted.map(({ userId }) => userId));
  return [...userIds].filter((userId) => !known.has(userId));
}

async function tellManager(parts: EndingParts, notice: RedactionNoticeRecord): Promise<void> {
  const { store, clients, config } = parts;
  const { organisationId, userId, mailId, _id } = notice;
  const user = await store.get(users, userId);
  const organisation = await store.get(organisations, organisationId);
  // Who has no address that a mail goes to cannot be told so; the organisation shows to everybody in it when redacted access ends.
  if (user?.enabled === true && user.email !== undefined) {
    const values = { link: `${config.origin}/`, organisation: organisation?.name ?? "" };
    const mail = { id: mailId, to: user.email, template: "redaction_ending" as const, language: user.language, values };
    await clients.Messaging.sendMail(mail, { timeoutMs }).catch(refuseLater);
  }
  await store.write(cause, async (tx) => {
    const current = await tx.get(redactionNotices, _id);
    if (current === undefined || current.isTold) return _id;
    await tx.update(redactionNotices, current, { isTold: true });
    tx.audit({ action: "redacted_access.manager_told", organisationId, subjectId: userId });
    return _id;
  });
}

/** Of a mail that was handed over before, to the address of then, and one that can never go anywhere nothing is to be tried again. */
function refuseLater(thrown: unknown): void {
  const { code, reason } = asFailure(thrown);
  if (code !== "invalid" && reason !== "id_taken") throw thrown;
}

async function finish({ store }: EndingParts, { _id, organisationId }: RedactionEndingRecord): Promise<void> {
  await store.write(cause, async (tx) => {
    const current = await tx.get(redactionEndings, _id);
    const organisation = await tx.get(organisations, organisationId);
    if (current?.state !== "waiting" || current.endsAt === undefined || current.endsAt > tx.now) return _id;
    await tx.update(redactionEndings, current, { state: "over" });
    if (organisation === undefined) return _id;
    const switches = { ...organisation.switches, redactedAccess: false };
    const changed = await tx.update(organisations, organisation, { switches, redactedUntil: undefined });
    await tellOrganisation(tx, changed);
    tx.audit({ action: "redacted_access.switched_off", organisationId, subjectId: organisationId });
    return _id;
  });
}
