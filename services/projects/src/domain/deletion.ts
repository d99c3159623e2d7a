import { failure } from "@partake/failure";

/** What was deleted can be restored for so long. (P6) */
const keptMs = 30 * 24 * 3_600_000;

/** What a deleted thing says of it. */
export interface Deletion {
  deletedAt: Date;
  /** When it goes for good. */
  removeAt: Date;
}

export function deletion(now: Date): Deletion {
  return { deletedAt: now, removeAt: new Date(now.getTime() + keptMs) };
}

/** Whether it was removed already does not matter: after 30 days nobody gets it back, however late the removal comes. */
export function checkRestorable(
  { deletedAt, removeAt }: { [F in keyof Deletion]?: Deletion[F] | undefined },
  now: Date,
): void {
  if (deletedAt !== undefined && (removeAt === undefined || removeAt <= now))
    throw failure("unprocessable", "restore_expired");
}
