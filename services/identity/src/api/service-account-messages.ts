import type { Services } from "@partake/contract";
import type { GrantRecord } from "../store/grants.ts";
import type { CredentialUseRecord, ServiceAccountRecord, StoredCredential } from "../store/service-accounts.ts";

export type ServiceAccount = Services["Identity"]["createServiceAccount"]["response"];
type Credential = ServiceAccount["credentials"][number];

/** An account as its admins see it. */
export function serviceAccountMessage(
  account: ServiceAccountRecord,
  of: { held: readonly GrantRecord[]; uses: readonly CredentialUseRecord[] },
): ServiceAccount {
  const { _id: id, organisationId, name, method, enabled, creatorId, createdAt, expiresAt, version } = account;
  const lastUsedAt = of.uses
    .map(({ usedAt }) => usedAt.toISOString())
    .sort()
    .at(-1);
  const roles = of.held.filter(({ role }) => role !== "redacted_consent");
  return {
    ...{ id, organisationId, name, method, enabled, creatorId, version },
    roles: roles.map(({ role, scope }) => ({
      role: role as ServiceAccount["roles"][number]["role"],
      ...(scope !== organisationId && { projectId: scope }),
    })),
    createdAt: createdAt.toISOString(),
    ...(expiresAt !== undefined && { expiresAt: expiresAt.toISOString() }),
    ...(lastUsedAt !== undefined && { lastUsedAt }),
    credentials: account.credentials.map((credential) => credentialMessage(credential, of.uses)),
  };
}

export function credentialMessage(credential: StoredCredential, uses: readonly CredentialUseRecord[]): Credential {
  const { id, createdAt, expiresAt, thumbprint } = credential;
  const use = uses.find(({ _id }) => _id === id);
  return {
    id,
    createdAt: createdAt.toISOString(),
    ...(expiresAt !== undefined && { expiresAt: expiresAt.toISOString() }),
    ...(use !== undefined && { lastUsedAt: use.usedAt.toISOString() }),
    ...(thumbprint !== undefined && { thumbprint }),
  };
}
