import { interactionPolicy, type KoaContextWithOIDC } from "oidc-provider";

/**
 * Log-in as always; consent never for what a client asks, as every client is ours. A native client asks the person anew while
 * they are logged in, because the system cannot tell which program began it (RFC 8252, 8.6); right after a log-in it need not.
 */
export function loginPolicy(): interactionPolicy.DefaultPolicy {
  const policy = interactionPolicy.base();
  const login = policy.get("login");
  const consent = policy.get("consent");
  if (login === undefined || consent === undefined) throw new Error("oidc-provider lacks a prompt");
  login.checks.add(
    new interactionPolicy.Check(
      "account_gone",
      "the account of the session is gone or disabled",
      "login_required",
      ({ oidc }: KoaContextWithOIDC) =>
        oidc.session?.accountId !== undefined && oidc.account === undefined
          ? interactionPolicy.Check.REQUEST_PROMPT
          : interactionPolicy.Check.NO_NEED_TO_PROMPT,
    ),
  );
  for (const reason of [
    "op_scopes_missing",
    "op_claims_missing",
    "rs_scopes_missing",
    "rar_prompt",
    "native_client_prompt",
  ]) {
    consent.checks.remove(reason);
  }
  consent.checks.add(
    new interactionPolicy.Check(
      "native_client",
      "the person has to confirm a native client",
      "interaction_required",
      ({ oidc }: KoaContextWithOIDC) => {
        const isNative = oidc.client?.applicationType === "native";
        const isDone = oidc.result?.login !== undefined || oidc.result?.consent !== undefined;
        return isNative && !isDone ? interactionPolicy.Check.REQUEST_PROMPT : interactionPolicy.Check.NO_NEED_TO_PROMPT;
      },
    ),
  );
  return policy;
}
