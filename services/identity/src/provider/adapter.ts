import { createHash } from "node:crypto";
import { type Adapter, type AdapterPayload, errors } from "oidc-provider";
import type { Documents, OidcDocument } from "../store/documents.ts";
import { needed } from "./availability.ts";
import type { SessionRecords } from "./session-records.ts";

/** What is not among the provider's records. */
export interface AdapterSource {
  /** Verifies a JWT access token for the account and gives its `jti`, or undefined. */
  findAccountToken(token: string): Promise<string | undefined>;
  /** Clients that are not our own: service accounts. */
  findClient(clientId: string): Promise<AdapterPayload | undefined>;
  /** The log-ins, which a person may end: then what is kept of them counts no more. */
  sessions: Pick<SessionRecords, "revoked" | "reused" | "hasEnded" | "hasEndedBrowser">;
  now(): Date;
}

/** What whoever is logged in is given. */
const given: ReadonlySet<string> = new Set(["AuthorizationCode", "AccessToken", "RefreshToken"]);
/** Without a life of its own a record is kept this long. */
const longestLifeS = 90 * 24 * 60 * 60;

/**
 * The provider's records in MongoDB. What comes of a log-in is written first and held against the log-in's end then; whoever ends it
 * writes that first and deletes what came of it then. So whichever is faster: nothing outlives the end, and nothing new is given out.
 */
export function adapterFactory(documents: Documents, source: AdapterSource): (model: string) => Adapter {
  return (model) => ({
    upsert: (id, payload, expiresIn) => needed(() => upsert({ documents, source, model, id, payload, expiresIn })),
    find: (id) => needed(() => find({ documents, source, model, id })),
    findByUid: (uid) =>
      needed(async () => {
        const found = await documents.oidc.findOne({ model, uid });
        return (await isEndedBrowser(source, found)) ? undefined : read(found, undefined);
      }),
    findByUserCode: () => Promise.resolve(undefined),
    consume: (id) => needed(() => consume({ documents, source, model, id })),
    async destroy(id) {
      await needed(() => documents.oidc.deleteOne({ _id: keyOf(model, id) }));
    },
    async revokeByGrantId(grantId) {
      await needed(async () => {
        await source.sessions.revoked(grantId);
        await documents.oidc.deleteMany({ model, grantId });
      });
    },
  });
}

interface Of {
  documents: Documents;
  source: AdapterSource;
  model: string;
  id: string;
}

async function upsert(of: Of & { payload: AdapterPayload; expiresIn: number | undefined }): Promise<void> {
  const { documents, source, model, id, expiresIn } = of;
  const { consumed, ...payload } = withoutSecrets(of.payload);
  const record: Omit<OidcDocument, "_id"> = {
    model,
    payload: JSON.stringify(payload),
    expiresAt: new Date(source.now().getTime() + (expiresIn ?? longestLifeS) * 1000),
    ...(payload.grantId !== undefined && { grantId: payload.grantId }),
    ...(payload.uid !== undefined && { uid: payload.uid }),
    ...(typeof consumed === "number" && { consumed }),
  };
  const _id = keyOf(model, id);
  await documents.oidc.replaceOne({ _id }, record, { upsert: true });
  if (!given.has(model) || payload.grantId === undefined) return;
  if (!(await source.sessions.hasEnded(payload.grantId))) return;
  await documents.oidc.deleteOne({ _id });
  throw new errors.InvalidGrant("the log-in was ended");
}

/** The id is known to whoever asks for the record; an interaction would also keep the cookie of its session. */
function withoutSecrets({ jti: _, session, ...payload }: AdapterPayload): AdapterPayload {
  if (session === undefined) return payload;
  const { cookie: __, ...rest } = session;
  return { ...payload, session: rest };
}

async function find({ documents, source, model, id }: Of): Promise<AdapterPayload | undefined> {
  if (model === "Client") return source.findClient(id);
  if (model === "Grant" && (await source.sessions.hasEnded(id))) return undefined;
  const isJwt = model === "AccessToken" && id.includes(".");
  const known = isJwt ? await source.findAccountToken(id) : id;
  if (known === undefined) return undefined;
  const found = await documents.oidc.findOne({ _id: keyOf(model, known) });
  if (model === "Session" && (await isEndedBrowser(source, found))) return undefined;
  return read(found, known);
}

async function isEndedBrowser({ sessions }: AdapterSource, found: OidcDocument | null): Promise<boolean> {
  return found?.uid !== undefined && (await sessions.hasEndedBrowser(found.uid));
}

/**
 * Marks a code or refresh token as used, once. Whoever comes second in a race is a replay like any other: everything that came
 * of the grant is revoked. (RFC 9700, 4.14.2)
 */
async function consume({ documents, source, model, id }: Of): Promise<void> {
  const _id = keyOf(model, id);
  const consumed = Math.floor(source.now().getTime() / 1000);
  const { matchedCount } = await documents.oidc.updateOne(
    { _id, consumed: { $exists: false } },
    { $set: { consumed } },
  );
  if (matchedCount === 1) return;
  const replayed = await documents.oidc.findOne({ _id });
  if (replayed?.grantId !== undefined) {
    await source.sessions.revoked(replayed.grantId);
    await revokeGrant(documents, replayed.grantId);
    await source.sessions.reused(replayed.grantId);
  }
  throw new errors.InvalidGrant("used twice at once");
}

/** Deletes a grant and every token that came of it. */
export async function revokeGrant(documents: Documents, grantId: string): Promise<void> {
  await documents.oidc.deleteMany({ $or: [{ grantId }, { _id: keyOf("Grant", grantId) }] });
}

function read(document: OidcDocument | null, jti: string | undefined): AdapterPayload | undefined {
  if (document === null) return undefined;
  const payload = JSON.parse(document.payload) as AdapterPayload;
  return {
    ...payload,
    ...(jti !== undefined && { jti }),
    ...(document.consumed !== undefined && { consumed: document.consumed }),
  };
}

function keyOf(model: string, id: string): string {
  return createHash("sha256").update(`${model}:${id}`).digest("base64url");
}
