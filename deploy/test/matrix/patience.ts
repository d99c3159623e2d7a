const ATTEMPTS = 6;
const PAUSE_MS = 500;

/**
 * Sends a request again that got no answer in time, with the same ids and the same key: a machine under load decides late, and
 * a late decision is none. What was decided is never asked again.
 */
export async function patientFetch(...[input, init]: Parameters<typeof fetch>): Promise<Response> {
  for (let attempt = 1; ; attempt++) {
    const response = await fetch(input, init);
    const isUndecided = response.status === 503 || response.status === 504 || (await isInProgress(response));
    if (!isUndecided || attempt === ATTEMPTS) return response;
    await response.body?.cancel();
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS * attempt));
  }
}

async function isInProgress(response: Response): Promise<boolean> {
  if (response.status !== 409) return false;
  return (await response.clone().text()).includes("idempotency_in_progress");
}
