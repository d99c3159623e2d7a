import { failure } from "@partake/failure";
import { outsideFetch } from "./outside-fetch.ts";

const documentPath = "/.well-known/openid-configuration";

/**
 * Throws unless an issuer answers, and in its own document calls itself what it is called here, letter by letter (OpenID Connect
 * Discovery 1.0, 4.3). All refusals are alike: they tell nobody what else may answer there.
 */
export async function checkAnswers(issuer: string, options: { isDevelopment: boolean }): Promise<void> {
  try {
    // What ends with a slash keeps one (4.1).
    const answer = await outsideFetch(options)(`${issuer.replace(/\/$/, "")}${documentPath}`);
    const told = answer.status === 200 ? ((await answer.json()) as { issuer?: unknown } | null) : undefined;
    if (told?.issuer === issuer) return;
  } catch (error) {
    throw unreachable(error);
  }
  throw unreachable();
}

function unreachable(cause?: unknown) {
  const message = "does not answer, or calls itself something else";
  const errors = [{ pointer: "/issuer", code: "not_allowed", message }];
  return failure("unprocessable", "issuer_unreachable", { errors, cause });
}
