import { operation } from "@partake/contract";
import type { UnaryParts } from "../unary.ts";

/** At which version an organisation's grants stand now; undefined where nobody can say. */
export type GrantsNow = (organisationId: string) => Promise<number | undefined>;

const readOrganisation = operation("/partake.v1.Identity/ReadOrganisation");
const timeoutMs = 2_000;

/**
 * Asks identity, as what is heard by the bus may be behind: how far, nobody can tell from here. However many ask at the same time,
 * one question of an organisation is under way; who asks meanwhile gets the next one, since an answer tells of the time at which
 * it was asked for.
 */
export function createGrantsNow({ invoke }: Pick<UnaryParts, "invoke">): GrantsNow {
  const underWay = new Map<string, Promise<number | undefined>>();
  const next = new Map<string, Promise<number | undefined>>();
  const read = async (organisationId: string): Promise<number | undefined> => {
    try {
      const { version } = (await invoke(readOrganisation, { organisationId }, { timeoutMs })) as { version?: number };
      return version ?? 0;
    } catch {
      return undefined;
    }
  };
  const begin = (organisationId: string): Promise<number | undefined> => {
    const asking = read(organisationId).finally(() => underWay.delete(organisationId));
    next.delete(organisationId);
    underWay.set(organisationId, asking);
    return asking;
  };
  return (organisationId) => {
    const waiting = next.get(organisationId);
    if (waiting !== undefined) return waiting;
    const asked = (underWay.get(organisationId) ?? Promise.resolve(undefined)).then(() => begin(organisationId));
    next.set(organisationId, asked);
    return asked;
  };
}
