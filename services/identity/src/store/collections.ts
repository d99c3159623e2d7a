import type { CollectionDefinition, Stored } from "@partake/store";
import { auditEntries, auditSeals } from "./audit.ts";
import { documentCollections } from "./documents.ts";
import { grantVersions } from "./grant-versions.ts";
import { grants } from "./grants.ts";
import { invitationQuotas } from "./invitation-quotas.ts";
import { invitations } from "./invitations.ts";
import { loginProviders, outsideLinks } from "./login-providers.ts";
import { memberships } from "./memberships.ts";
import { organisations } from "./organisations.ts";
import { redactionEndings, redactionNotices } from "./redaction-endings.ts";
import { signingKeys } from "./signing-keys.ts";
import { users } from "./users.ts";
import { withheldRights } from "./withheld-rights.ts";

/** Everything that identity stores. */
// biome-ignore lint/suspicious/noExplicitAny: a list of collections of different records
export const collections: readonly CollectionDefinition<Stored & any>[] = [
  users,
  organisations,
  grants,
  grantVersions,
  withheldRights,
  redactionEndings,
  redactionNotices,
  memberships,
  invitations,
  invitationQuotas,
  auditEntries,
  auditSeals,
  loginProviders,
  outsideLinks,
  signingKeys,
  ...documentCollections,
];
