// Identity: organisations, people, invitations and roles.
import {
  allOf,
  anyOf,
  colleague,
  holds,
  loggedIn,
  nobody,
  operator,
  organisationColumn,
  part,
  personal,
  projectRow,
  type Rule,
  withOrganisationToken,
} from "../rules.ts";
import {
  boards,
  type Case,
  contacts,
  type Expectations,
  everyProject,
  folders,
  mismatch,
  organisation,
  stale,
  taken,
  twoProjects,
} from "./targets.ts";
import { managesContact, seesBoard, seesContact, seesFolder, seesProject } from "./views.ts";

const nobodysId = "usr_00000000-0000-7000-8000-000000000000";
const nowhere = "someone.new@matrix.example";
const platformOperator = operator("platform operator", "create, suspend, export and close organisations");

const preferences = organisationColumn("organisation preferences");
/** Whatever is the whole organisation's and has no row of its own: nearest to its preferences. */
const asAdmin = (request: Case["request"] = () => ({}), past: readonly string[] = stale): readonly Case[] => [
  { targets: organisation, request, acts: preferences, sees: withOrganisationToken, past },
];
const asAnybody = (request: Case["request"] = () => ({}), past: readonly string[] = stale): readonly Case[] => [
  { targets: organisation, request, acts: loggedIn, sees: loggedIn, past },
];

/** "Only holders of a direct manager grant give roles in that project, whatever the preset." */
const onlyDirectly =
  (rule: Rule): Rule =>
  (ask) =>
    ask.setting.redacted ? holds("manager")(ask) : rule(ask);
/** "Admins may take roles away." */
const alsoAdmins = (rule: Rule): Rule =>
  anyOf(
    rule,
    allOf(holds("admin"), ({ setting }) => setting.redacted),
  );

const ofOrganisation = organisationColumn("organisation roles of users");
const ofFolder = projectRow("give and take the folder manager role");
const ofProject = onlyDirectly(
  projectRow("give and take project roles", "project managers give and take roles in their project"),
);
/** "Managers of the project hold board admin on everything in it." */
const ofBoard = onlyDirectly(
  anyOf(
    part("board_admin", "add and remove its members"),
    projectRow("edit project: title, description, phases, access rights"),
  ),
);
const ofContact = anyOf(personal(holds("admin")), managesContact);

const withholds = projectRow("take the derived manager right from a folder manager for one project, give it back");

type Kind = "organisation" | "folder" | "project" | "board" | "contact";
type Roles = Omit<Case, "request"> & { about: Kind };

const roles: readonly Roles[] = [
  { about: "organisation", targets: organisation, acts: ofOrganisation, sees: withOrganisationToken },
  { about: "folder", targets: folders, acts: ofFolder, sees: seesFolder },
  { about: "project", targets: twoProjects, acts: ofProject, sees: seesProject },
  { about: "board", targets: boards, acts: ofBoard, sees: seesBoard },
  { about: "contact", targets: contacts, acts: ofContact, sees: seesContact },
];

const given: Record<Kind, Case["request"]> = {
  organisation: () => ({ role: "member" }),
  folder: ({ folderId: scope }) => ({ role: "folder_manager", scope }),
  project: ({ projectId: scope }) => ({ role: "observer", scope }),
  board: ({ boardId: scope }) => ({ role: "board_member", scope }),
  contact: ({ contactId: scope }) => ({ role: "contact_profile", scope }),
};

const giving: readonly Case[] = roles.map((one) => ({
  ...one,
  // Nobody has this id, which is found out after it was decided whether the role may be given.
  request: (at, own, foreign) => ({ ...given[one.about](at, own, foreign), userId: nobodysId }),
  past: ["404 user_not_found"],
}));

const inviting: readonly Case[] = roles
  .filter(({ about }) => about !== "board" && about !== "contact")
  .map((one) => ({
    ...one,
    // The invitation is there already, sent by somebody else.
    request: (at, own, foreign) => ({ ...given[one.about](at, own, foreign), id: own.invitationId, email: nowhere }),
    past: taken,
  }));

/** "A role here gives nothing there": the board of one project with the id of another one. */
const giftElsewhere: Case = {
  about: "board of another project",
  targets: [mismatch("own board with the sibling project", { project: "own", board: "own" })],
  request: (at) => ({ role: "board_member", scope: at.boardId, projectId: at.otherProjectId, userId: nobodysId }),
  acts: nobody,
  sees: seesBoard,
};

const taking: readonly Case[] = roles.map((one) => ({
  ...one,
  request: ({ grants }) => ({ grantId: grants[one.about] }),
  acts: one.about === "organisation" || one.about === "folder" ? one.acts : alsoAdmins(one.acts),
  past: stale,
}));

const restoring: readonly Case[] = [
  {
    targets: everyProject.filter(({ subject: { project = "withheld" } }) => project === "withheld"),
    request: ({ withheldRightId }) => ({ withheldRightId }),
    acts: withholds,
    sees: seesProject,
    past: stale,
  },
];

/** Several at once are judged one by one in the answer; to ask takes a role by which somebody gives roles, on whatever. */
const givesSomewhere: Rule = ({ person, setting }) =>
  person.holds.some(({ role }) => {
    const inParts = ["board_admin", "album_manager", "event_manager"];
    return ["admin", "folder_manager", "manager", ...(setting.redacted ? [] : inParts)].includes(role);
  });
const severalAtOnce = (request: Case["request"], past: readonly string[] = []): readonly Case[] => [
  { targets: organisation, request, acts: givesSomewhere, sees: withOrganisationToken, past },
];

/** To the role of a creator. */
const ofInvitation = {
  targets: [...organisation, { name: "another organisation", subject: {}, foreign: true as const }],
  acts: ofOrganisation,
  sees: withOrganisationToken,
};

const someChange = [{ userId: nobodysId, role: "member" }];
/** A question about somebody whom nobody knows. */
const aboutNobody: Case["request"] = ({ organisationId: id }) => ({
  subject: { type: "user", id: nobodysId },
  action: { name: "project.edit" },
  resource: { type: "organisation", id },
});

export const organisationExpectations: Expectations = {
  "Identity.CreateOrganisation": [
    {
      targets: organisation,
      // It is there already.
      request: ({ organisationId: id }) => ({
        id,
        name: "Again",
        preset: "civic",
        timeZone: "Europe/Paris",
        language: "fr",
      }),
      acts: platformOperator,
      sees: withOrganisationToken,
      past: taken,
    },
  ],
  "Identity.ListOrganisations": [
    {
      targets: organisation,
      request: () => ({}),
      acts: anyOf(platformOperator, operator("billing operator (platform)", "see organisations' names and counts")),
      sees: withOrganisationToken,
    },
  ],
  "Identity.InviteFirstAdmin": [
    {
      targets: organisation,
      request: ({ organisationId, invitationId: id }) => ({ organisationId, id, email: nowhere }),
      acts: operator("platform operator", "invite their first admin"),
      sees: withOrganisationToken,
      past: ["409 has_admin"],
    },
  ],
  // Reading has no row: a colleague works by these preferences.
  "Identity.GetOrganisation": [
    { targets: organisation, request: () => ({}), acts: colleague, sees: withOrganisationToken },
  ],
  "Identity.UpdateOrganisation": asAdmin(() => ({ name: "Another name" })),
  "Identity.SwitchRedactedAccessOn": asAdmin(
    (_at, _own, { organisationId }) => ({ organisationId }),
    ["409 other_organisation"],
  ),
  "Identity.SwitchRedactedAccessOff": asAdmin(
    (_at, _own, { organisationId }) => ({ organisationId }),
    ["409 other_organisation"],
  ),
  "Identity.GetMe": asAnybody(),
  "Identity.UpdateMe": asAnybody(() => ({ language: "en" })),
  "Identity.AcceptInvitation": asAnybody(() => ({ token: "x".repeat(43) }), ["404 invitation_not_found"]),
  "Identity.InviteColleague": inviting,
  "Identity.PreviewInvitations": severalAtOnce(() => ({ rows: [] })),
  "Identity.SendInvitations": severalAtOnce(
    () => ({ rows: [{ email: "nobody", name: "", role: "member", scope: "", until: "" }] }),
    ["400 rows_refused"],
  ),
  "Identity.ListInvitations": [{ ...ofInvitation, request: () => ({}), item: ({ invitationId }) => invitationId }],
  "Identity.ResendInvitation": [
    {
      ...ofInvitation,
      request: ({ invitationId }) => ({ invitationId }),
      // Its bound is soon reached; to send it once more disturbs nobody.
      past: ["429 too_many_invitations"],
    },
  ],
  "Identity.WithdrawInvitation": [{ ...ofInvitation, request: ({ invitationId }) => ({ invitationId }), past: stale }],
  "Identity.ListColleagues": asAdmin(),
  "Identity.SearchColleagues": asAdmin(() => ({ text: "matrix" })),
  // Nobody has this id.
  "Identity.GetColleague": asAdmin(() => ({ userId: nobodysId }), ["404 not_found"]),
  "Identity.ListColleagueGrants": asAdmin(() => ({ userId: nobodysId }), ["404 not_found"]),
  "Identity.GetHandover": asAdmin(() => ({ userId: nobodysId }), ["404 not_found"]),
  "Identity.PreviewColleagueChanges": severalAtOnce(() => ({ changes: someChange })),
  "Identity.ChangeColleagues": severalAtOnce(
    () => ({ changes: someChange, digest: "x".repeat(43) }),
    ["409 preview_outdated"],
  ),
  // The people page is for those who manage the project: nearest to its settings. (R11)
  "Identity.ListTeam": [
    {
      targets: everyProject,
      request: ({ projectId }) => ({ projectId }),
      acts: projectRow("edit project: title, description, phases, access rights"),
      sees: seesProject,
    },
  ],
  "Identity.GiveRole": [...giving, giftElsewhere],
  "Identity.TakeRole": taking,
  "Identity.TakeRoleWithReason": taking,
  // A role until a date is a role that is given until then.
  "Identity.SetRoleExpiry": taking.map((one, index) => ({ ...one, acts: roles[index]?.acts ?? nobody })),
  "Identity.WithholdRight": [
    {
      targets: everyProject,
      // Nobody has this id, and so nothing that could be withheld.
      request: ({ projectId }) => ({ projectId, userId: nobodysId }),
      acts: withholds,
      sees: seesProject,
      past: ["422 no_derived_right"],
    },
  ],
  "Identity.RestoreRight": restoring,
  "Identity.RestoreRightWithReason": restoring,
  // What others may do is known to those who give organisation roles; about somebody unknown it is as hidden from them.
  "Identity.ExplainAccess": [
    {
      targets: organisation,
      request: ({ organisationId: scope }) => ({ userId: nobodysId, permission: "organisation.edit", scope }),
      acts: nobody,
      sees: nobody,
    },
  ],
  "Identity.EvaluateAccess": asAdmin(aboutNobody),
  "Identity.EvaluateAccesses": asAdmin(aboutNobody),
  "Identity.ExportAuditEntries": asAdmin(() => ({ format: "csv" })),
  "Identity.GetLoginProvider": asAdmin(),
  "Identity.PutLoginProvider": asAdmin(() => ({
    issuer: "https://issuer.invalid",
    clientId: "matrix",
    clientSecret: "matrix",
    emailDomains: [],
    enabled: false,
  })),
  "Identity.ListAuditEntries": asAdmin(),
  "Identity.VerifyAudit": asAdmin(),
};
