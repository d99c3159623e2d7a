// One person with one grant, as identity tells of them.
import type { ReadGrants } from "@partake/service";

export const ORGANISATION = "org_01890000-0000-7000-8000-000000000001";
export const USER = "usr_01890000-0000-7000-8000-000000000003";
export const PROJECT = "prj_01890000-0000-7000-8000-000000000004";
export const of = { organisationId: ORGANISATION, userId: USER, version: 0 };

type Grant = ReadGrants["grants"][number];

export function grant(id: string, role: string, version: number, more: Partial<Grant> = {}): Grant {
  const grantedAt = "2026-01-01T00:00:00Z";
  return {
    id,
    organisationId: ORGANISATION,
    userId: USER,
    role,
    scope: PROJECT,
    version,
    grantedAt,
    removed: false,
    ...more,
  };
}

export const switches = {
  managersGiveRoles: true,
  creatorsCreateProjects: true,
  contactCreators: ["admin" as const],
  redactedAccess: false,
  visitorsSeeProjects: false,
};

/** Mulberry32: the same order in every run. */
export function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    const mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    const more = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((more ^ (more >>> 14)) >>> 0) / 4_294_967_296;
  };
}
