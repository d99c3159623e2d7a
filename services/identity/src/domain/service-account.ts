/** Two at once, so that a system changes from one to the other without a gap. */
export const MOST_CREDENTIALS = 2;

interface Times {
  expiresAt?: Date;
}

/** Whether something that may have an end still counts. */
export function isLive({ expiresAt }: Times, now: Date): boolean {
  return expiresAt === undefined || expiresAt > now;
}
