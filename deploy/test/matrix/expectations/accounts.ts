// Identity: accounts of people and of other systems, and what operators of the platform do to an organisation.
import { holds, loggedIn, operator, organisationColumn, withOrganisationToken } from "../rules.ts";
import { type Case, type Expectations, everyProject, organisation, stale } from "./targets.ts";
import { seesProject } from "./views.ts";

// Nobody and nothing has these ids, which is found out after it was decided whether the caller may.
const unknown = (prefix: string) => `${prefix}_00000000-0000-7000-8000-000000000000`;
const missing = ["404 not_found"];
const noOrganisation = ["404 organisation_not_found"];

const platformOperator = operator("platform operator", "create, suspend, export and close organisations");
const preferences = organisationColumn("organisation preferences");

const asAdmin = (request: Case["request"] = () => ({}), past: readonly string[] = stale): readonly Case[] => [
  { targets: organisation, request, acts: preferences, sees: withOrganisationToken, past },
];
const asAnybody = (request: Case["request"] = () => ({}), past: readonly string[] = stale): readonly Case[] => [
  { targets: organisation, request, acts: loggedIn, sees: loggedIn, past },
];
const asOperator = (more: object = {}): readonly Case[] => [
  {
    targets: organisation,
    request: () => ({ organisationId: unknown("org"), ...more }),
    acts: platformOperator,
    sees: withOrganisationToken,
    past: noOrganisation,
  },
];
/** "Redacted data only with a direct manager's consent." */
const asDirectManager = (more: object = {}, past: readonly string[] = missing): readonly Case[] => [
  {
    targets: everyProject,
    request: ({ projectId }) => ({ projectId, ...more }),
    acts: holds("manager"),
    sees: seesProject,
    past,
  },
];

const account = { serviceAccountId: unknown("usr") };

export const accountExpectations: Expectations = {
  "Identity.SuspendOrganisation": asOperator(),
  "Identity.ResumeOrganisation": asOperator(),
  "Identity.CloseOrganisation": asOperator({ name: "Nothing" }),
  "Identity.ExportOrganisation": asOperator(),
  "Identity.ListOrganisationExports": asAdmin(),
  "Identity.ReadOrganisationExport": asAdmin(() => ({ exportId: unknown("exp") }), missing),
  // "Service account: created by admins."
  "Identity.CreateServiceAccount": asAdmin(
    () => ({ name: "Matrix", method: "client_secret", roles: [{ role: "manager", projectId: unknown("prj") }] }),
    ["404 scope_not_found"],
  ),
  "Identity.ListServiceAccounts": asAdmin(),
  "Identity.UpdateServiceAccount": asAdmin(() => ({ ...account, name: "Another" }), missing),
  "Identity.RevokeServiceAccount": asAdmin(() => account, missing),
  "Identity.AddServiceAccountCredential": asAdmin(() => account, missing),
  "Identity.RemoveServiceAccountCredential": asAdmin(() => ({ ...account, credentialId: unknown("crd") }), missing),
  "Identity.ListProjectServiceAccounts": asDirectManager({}, []),
  "Identity.ConsentToServiceAccount": asDirectManager(account),
  "Identity.WithdrawServiceAccountConsent": asDirectManager(account),
  "Identity.ListSessions": asAnybody(),
  "Identity.EndSession": asAnybody(() => ({ sessionId: unknown("ses") }), missing),
  // Some a day: whoever asked too often is past the question whether they may.
  "Identity.ChangeEmail": asAnybody(() => ({ email: "someone.new@matrix.example" }), ["429 too_many_email_changes"]),
  "Identity.CloseAccount": asAnybody(() => ({ email: "someone.new@matrix.example" }), ["422 email_mismatch"]),
  "Identity.ConfirmEmailChange": asAnybody(() => ({ emailChangeId: unknown("emc"), code: "00000000" }), missing),
  "Identity.ListPasskeys": asAnybody(),
  "Identity.BeginPasskey": asAnybody(() => ({}), []),
  // What no device has made is refused to whoever may add one.
  "Identity.AddPasskey": asAnybody(
    () => ({ id: unknown("psk"), credentialId: "AA", clientData: "e30", attestationObject: "AA" }),
    ["422 passkey_refused"],
  ),
  "Identity.RenamePasskey": asAnybody(() => ({ passkeyId: unknown("psk"), label: "Matrix" }), missing),
  "Identity.RemovePasskey": asAnybody(() => ({ passkeyId: unknown("psk") }), missing),
  "Identity.EndSessions": asAnybody(() => ({ keepCurrent: true })),
};
