import type { CollectionDefinition, Stored } from "@partake/store";
import { accessForms, placeForms } from "./access-history.ts";
import { auditEntries, auditSeals } from "./audit.ts";
import { documentCollections } from "./documents.ts";
import { emailChanges } from "./email-changes.ts";
import { grantVersions } from "./grant-versions.ts";
import { grants } from "./grants.ts";
import { invitationQuotas } from "./invitation-quotas.ts";
import { invitations } from "./invitations.ts";
import { loginProviders, outsideLinks } from "./login-providers.ts";
import { loginSessions } from "./login-sessions.ts";
import { memberships } from "./memberships.ts";
import { organisationExports } from "./organisation-exports.ts";
import { organisations } from "./organisations.ts";
import { passkeys, usedChallenges } from "./passkeys.ts";
import { printedCodes } from "./printed-codes.ts";
import { redactionEndings, redactionNotices } from "./redaction-endings.ts";
import { removedScopes } from "./removed-scopes.ts";
import { securityNotices } from "./security-notices.ts";
import { credentialUses, serviceAccounts } from "./service-accounts.ts";
import { signingKeys } from "./signing-keys.ts";
import { users } from "./users.ts";
import { withheldRights } from "./withheld-rights.ts";

/** Everything that identity stores. */
// biome-ignore lint/suspicious/noExplicitAny: a list of collections of different records
export const collections: readonly CollectionDefinition<Stored & any>[] = [
  users,
  organisations,
  organisationExports,
  grants,
  grantVersions,
  withheldRights,
  removedScopes,
  redactionEndings,
  redactionNotices,
  memberships,
  invitations,
  invitationQuotas,
  printedCodes,
  accessForms,
  placeForms,
  auditEntries,
  auditSeals,
  loginProviders,
  outsideLinks,
  loginSessions,
  emailChanges,
  passkeys,
  usedChallenges,
  securityNotices,
  serviceAccounts,
  credentialUses,
  signingKeys,
  ...documentCollections,
];
