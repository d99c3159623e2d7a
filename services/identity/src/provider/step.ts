import type { IncomingMessage, ServerResponse } from "node:http";
import type Provider from "oidc-provider";
import type { LoginLimits } from "../domain/login-limits.ts";
import type { Accounts } from "../store/accounts.ts";
import type { CountLogin } from "../store/login-counters.ts";
import type { LoginCodes } from "./login-codes.ts";
import type { LoginRefusals } from "./login-refusals.ts";
import type { OutsideLogins } from "./outside-logins.ts";
import type { PasskeyLogins } from "./passkey-logins.ts";
import type { PrintedCodeLogins } from "./printed-code-logins.ts";

export interface InteractionsParts {
  accounts: Accounts;
  codes: LoginCodes;
  outside: OutsideLogins;
  passkeyLogins: PasskeyLogins;
  refusals: LoginRefusals;
  printedCodes: PrintedCodeLogins;
  count: CountLogin;
  limits: LoginLimits;
  isSecure: boolean;
}

export interface Visit {
  provider: Provider;
  request: IncomingMessage;
  response: ServerResponse;
  ip: string;
}

export type Interaction = Awaited<ReturnType<Provider["interactionDetails"]>>;
/** A request in the middle of a log-in. */
export type Step = Visit & { parts: InteractionsParts; interaction: Interaction; uid: string };

/** A consent asked for with the log-in is given with it: every client is ours. */
export function loggedIn(accountId: string, of: { amr: string[]; acr?: string }) {
  return { login: { accountId, remember: true, ...of }, consent: {} };
}

export async function finish(
  { provider, request, response }: Step,
  result: Parameters<Provider["interactionFinished"]>[2],
): Promise<void> {
  await provider.interactionFinished(request, response, result, { mergeWithLastSubmission: true });
}

/** Where the forms of a page may lead: to the client of this log-in, by its origin or by the scheme that an app has claimed. */
export function targets({ interaction }: Step): string[] {
  const uri = interaction.params["redirect_uri"];
  const target = typeof uri === "string" ? URL.parse(uri) : null;
  if (target === null) return [];
  return [target.origin === "null" ? target.protocol : target.origin];
}
