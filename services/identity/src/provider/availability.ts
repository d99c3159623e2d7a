import { errors } from "oidc-provider";

/**
 * Runs what the provider needs from the database. Away, it is "not now" (503) and not "something broke": clients try again, and
 * nobody is let in meanwhile.
 */
export async function needed<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    throw error instanceof errors.OIDCProviderError ? error : unavailable(error);
  }
}

function unavailable(cause: unknown): Error {
  const error = new errors.TemporarilyUnavailable("this cannot be answered just now");
  return Object.assign(error, { status: 503, statusCode: 503, cause });
}
