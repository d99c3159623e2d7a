import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { acceptanceApi } from "./api/acceptance.ts";
import { auditApi } from "./api/audit.ts";
import { closingApi } from "./api/closing.ts";
import { colleagueChangesApi } from "./api/colleague-changes.ts";
import { colleaguesApi } from "./api/colleagues.ts";
import { emailChangesApi } from "./api/email-changes.ts";
import { evaluatingApi } from "./api/evaluating.ts";
import { explainingApi } from "./api/explaining.ts";
import { invitationBatchesApi } from "./api/invitation-batches.ts";
import { invitationCareApi } from "./api/invitation-care.ts";
import { invitationsApi } from "./api/invitations.ts";
import { loginProvidersApi } from "./api/login-providers.ts";
import { meApi } from "./api/me.ts";
import { operatorsApi } from "./api/operators.ts";
import { organisationExportsApi } from "./api/organisation-exports.ts";
import { organisationsApi } from "./api/organisations.ts";
import { participantsApi } from "./api/participants.ts";
import { passkeysApi } from "./api/passkeys.ts";
import { printingApi } from "./api/printing.ts";
import { readingApi } from "./api/reading.ts";
import { redactedAccessApi } from "./api/redacted-access.ts";
import { rolesApi } from "./api/roles.ts";
import { serviceAccountConsentsApi } from "./api/service-account-consents.ts";
import { serviceAccountCredentialsApi } from "./api/service-account-credentials.ts";
import { serviceAccountsApi } from "./api/service-accounts.ts";
import { sessionsApi } from "./api/sessions.ts";
import { teamApi } from "./api/team.ts";
import { withheldRightsApi } from "./api/withheld-rights.ts";
import { invitationMail } from "./invitation-mail.ts";

export function api(parts: Parts): { Identity: Implementation<"Identity"> } {
  const mail = invitationMail(parts);
  return {
    Identity: {
      ...organisationsApi(parts),
      ...redactedAccessApi(parts),
      ...meApi(parts),
      ...invitationsApi(parts, mail),
      ...invitationBatchesApi(parts, mail),
      ...invitationCareApi(parts, mail),
      ...acceptanceApi(parts, mail),
      ...rolesApi(parts),
      ...colleaguesApi(parts),
      ...colleagueChangesApi(parts),
      ...teamApi(parts),
      ...withheldRightsApi(parts),
      ...readingApi(parts),
      ...auditApi(parts),
      ...explainingApi(parts),
      ...evaluatingApi(parts),
      ...participantsApi(parts, mail),
      ...printingApi(parts),
      ...loginProvidersApi(parts),
      ...sessionsApi(parts),
      ...emailChangesApi(parts, meApi(parts)),
      ...closingApi(parts),
      ...passkeysApi(parts),
      ...operatorsApi(parts),
      ...organisationExportsApi(parts),
      ...serviceAccountsApi(parts),
      ...serviceAccountCredentialsApi(parts),
      ...serviceAccountConsentsApi(parts),
    },
  };
}
