// "Service account: never billing or roles." What is about either, or decides about either: who may what, and how they log in.
const roles = [
  "Identity.UpdateOrganisation",
  "Identity.SwitchRedactedAccessOn",
  "Identity.SwitchRedactedAccessOff",
  "Identity.InviteColleague",
  "Identity.PreviewInvitations",
  "Identity.SendInvitations",
  "Identity.ListInvitations",
  "Identity.ResendInvitation",
  "Identity.WithdrawInvitation",
  "Identity.ListColleagues",
  "Identity.SearchColleagues",
  "Identity.GetColleague",
  "Identity.ListColleagueGrants",
  "Identity.GetHandover",
  "Identity.PreviewColleagueChanges",
  "Identity.ChangeColleagues",
  "Identity.ListTeam",
  "Identity.GiveRole",
  "Identity.TakeRole",
  "Identity.TakeRoleWithReason",
  "Identity.SetRoleExpiry",
  "Identity.WithholdRight",
  "Identity.RestoreRight",
  "Identity.RestoreRightWithReason",
  "Identity.GetLoginProvider",
  "Identity.PutLoginProvider",
  "Identity.ListOrganisationExports",
  "Identity.ReadOrganisationExport",
  "Identity.CreateServiceAccount",
  "Identity.ListServiceAccounts",
  "Identity.UpdateServiceAccount",
  "Identity.RevokeServiceAccount",
  "Identity.AddServiceAccountCredential",
  "Identity.RemoveServiceAccountCredential",
  "Identity.ListProjectServiceAccounts",
  "Identity.ConsentToServiceAccount",
  "Identity.WithdrawServiceAccountConsent",
];

/** "A contributor is a registered user who … follows": no system is one. */
const following = ["Projects.FollowProject", "Projects.UnfollowProject"];

/** Whoever has the code is the person: it gives a role and a log-in. */
const handingOver = ["Identity.PrintCode"];

/** What no service account may, whatever it and its creator hold. */
export function isForPeople(rpc: string): boolean {
  return rpc.startsWith("Billing.") || [...roles, ...following, ...handingOver].includes(rpc);
}
