// What somebody held at an instant, of the forms that it took. Pure: the forms come as arguments.

/** A form of a grant or of a withheld right, from then on until its next one. */
export interface Form {
  kind: string;
  /** The id of the grant or right. */
  key: string;
  at: Date;
  /** A grant that was taken, a right that was given back. */
  ended?: boolean;
  projectId?: string;
  role?: string;
  scope?: string;
  grantedAt?: Date;
  expiresAt?: Date | undefined;
}

/** A grant that may be older than the history of forms. */
export interface OldGrant {
  _id: string;
  removed: boolean;
  grantedAt: Date;
  expiresAt?: Date | undefined;
}

/** A form of a grant, with when it ended if it did. */
export interface Told<F> {
  grantId: string;
  form: F;
  endedAt?: Date;
}

export interface HeldThen<F> {
  roles: readonly Told<F>[];
  /** What they had held by then, and did not any more. */
  former: readonly Told<F>[];
  /** Projects for which the derived right was withheld. */
  withheld: readonly string[];
}

/**
 * What counted at an instant, by the forms of until then with the newest first. Grants without any form are older than the
 * history: they count from when they were given.
 */
export function heldThen<F extends Form, G extends OldGrant>(options: {
  forms: readonly F[];
  grants: readonly G[];
  at: Date;
}): HeldThen<F | G> {
  const { forms, grants, at } = options;
  const latest = new Map<string, F>();
  for (const form of forms) if (!latest.has(form.key)) latest.set(form.key, form);
  const known = [...latest.values()];
  const withheld = known.flatMap((form) =>
    form.kind === "withheld" && !form.ended && form.projectId !== undefined ? [form.projectId] : [],
  );
  const told = known
    .filter(({ kind }) => kind === "grant")
    .map((form): Told<F | G> => toldOf(form.key, form, form.ended ? endOf(form, form.at) : endOf(form, at, at)));
  const old = grants
    .filter(({ _id, grantedAt, removed }) => !latest.has(_id) && grantedAt <= at && !removed)
    .map((grant): Told<F | G> => toldOf(grant._id, grant, endOf(grant, at, at)));
  const [roles, former]: [Told<F | G>[], Told<F | G>[]] = [[], []];
  for (const one of [...told, ...old]) (one.endedAt === undefined ? roles : former).push(one);
  return { roles, former, withheld };
}

function toldOf<F>(grantId: string, form: F, endedAt: Date | undefined): Told<F> {
  return { grantId, form, ...(endedAt !== undefined && { endedAt }) };
}

/** When a role ended: at its date if that came first, else when it was taken; with `stillAt`, undefined where it has not. */
function endOf({ expiresAt }: { expiresAt?: Date | undefined }, taken: Date, stillAt?: Date): Date | undefined {
  if (expiresAt !== undefined && expiresAt <= taken) return expiresAt;
  return stillAt === undefined ? taken : undefined;
}
