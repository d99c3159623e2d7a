// Generated from the protos by "npm run generate -w @partake/contract". Do not edit.

/** Nothing. */
export type Empty = Record<string, never>;

export interface ReadCreditNeedRequest {
  organisationId: string;
  projectId: string;
  /** Who may have been there before. */
  pseudonyms: string[];
  /** How many others. */
  newcomers: number;
}
/** What a sender of ReadCreditNeedRequest gives. */
export interface ReadCreditNeedRequestInput {
  organisationId: string;
  projectId: string;
  /** Who may have been there before. */
  pseudonyms?: string[] | undefined;
  /** How many others. */
  newcomers?: number | undefined;
}

export interface CreditNeed {
  needed: number;
  suffices: boolean;
}

export interface Order {
  id: string;
  organisationId: string;
  credits: number;
  state: "ordered" | "confirmed";
  version: number;
  createdAt: string;
  confirmedAt?: string | undefined;
}

export interface CreateOrderRequest {
  id: string;
  credits: number;
}
/** What a sender of CreateOrderRequest gives. */
export interface CreateOrderRequestInput {
  id?: string | undefined;
  credits: number;
}

export interface ListOrdersRequest {
  limit: number;
  cursor: string;
}
/** What a sender of ListOrdersRequest gives. */
export interface ListOrdersRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListOrdersResponse {
  items: Order[];
  nextCursor: string;
}

export interface ConfirmOrderRequest {
  orderId: string;
}
/** What a sender of ConfirmOrderRequest gives. */
export interface ConfirmOrderRequestInput {
  orderId: string;
}

export type GetBalanceRequest = Record<string, never>;
/** What a sender of GetBalanceRequest gives. */
export type GetBalanceRequestInput = Record<string, never>;

export interface Balance {
  organisationId: string;
  /** Free to hold or use. */
  available: number;
  /** Set aside for invitations that are not accepted yet. */
  held: number;
  used: number;
  version: number;
}

export interface ListEntriesRequest {
  limit: number;
  cursor: string;
}
/** What a sender of ListEntriesRequest gives. */
export interface ListEntriesRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListEntriesResponse {
  items: Entry[];
  nextCursor: string;
}

/** One movement of credits from one account of the ledger to another. */
export interface Entry {
  id: string;
  kind: "grant" | "hold" | "release" | "use";
  debit: "bought" | "available" | "held" | "used";
  credit: "bought" | "available" | "held" | "used";
  amount: number;
  participationId?: string | undefined;
  projectId?: string | undefined;
  /** Of a use: which month of the participation, from 1. */
  month?: number | undefined;
  createdAt: string;
}

export interface HoldCreditRequest {
  participationId: string;
  organisationId: string;
  projectId: string;
  /** Stands for the person on public topics. (X1) */
  pseudonym: string;
}
/** What a sender of HoldCreditRequest gives. */
export interface HoldCreditRequestInput {
  participationId: string;
  organisationId: string;
  projectId: string;
  /** Stands for the person on public topics. (X1) */
  pseudonym: string;
}

export interface ReleaseCreditRequest {
  participationId: string;
}
/** What a sender of ReleaseCreditRequest gives. */
export interface ReleaseCreditRequestInput {
  participationId: string;
}

export interface UseCreditRequest {
  participationId: string;
}
/** What a sender of UseCreditRequest gives. */
export interface UseCreditRequestInput {
  participationId: string;
}

export interface UseCreditResponse {
  /** The day on which month 1 began, in the organisation's time zone, and the last day that it pays for. */
  startedOn: string;
  paidUntil: string;
}

export interface ContactField {
  id: string;
  name: string;
  kind: "text" | "number" | "date" | "choice" | "consent";
  choices: string[];
  position: number;
  version: number;
}

export interface CreateContactFieldRequest {
  id: string;
  name: string;
  kind: "text" | "number" | "date" | "choice" | "consent";
  /** Only for a choice, and then at least one. */
  choices: string[];
  position: number;
}
/** What a sender of CreateContactFieldRequest gives. */
export interface CreateContactFieldRequestInput {
  id?: string | undefined;
  name: string;
  kind: "text" | "number" | "date" | "choice" | "consent";
  /** Only for a choice, and then at least one. */
  choices?: string[] | undefined;
  position?: number | undefined;
}

export type ListContactFieldsRequest = Record<string, never>;
/** What a sender of ListContactFieldsRequest gives. */
export type ListContactFieldsRequestInput = Record<string, never>;

export interface ListContactFieldsResponse {
  items: ContactField[];
}

/** The value of one custom field: exactly the member that the field's kind names. */
export interface CustomValue {
  fieldId: string;
  text?: string | undefined;
  number?: number | undefined;
  date?: string | undefined;
  choice?: string | undefined;
  consent?: Consent | undefined;
}
/** The value of one custom field: exactly the member that the field's kind names. */
export interface CustomValueInput {
  fieldId: string;
  text?: string | undefined;
  number?: number | undefined;
  date?: string | undefined;
  choice?: string | undefined;
  consent?: ConsentInput | undefined;
}

/** A consent with its date and the wording that was shown. (C7) */
export interface Consent {
  given: boolean;
  givenOn: string;
  wording: string;
}
/** A consent with its date and the wording that was shown. (C7) */
export interface ConsentInput {
  given?: boolean | undefined;
  givenOn: string;
  wording: string;
}

export interface Contact {
  id: string;
  organisationId: string;
  kind: "client" | "service_user" | "referral_partner" | "funder" | "volunteer" | "other";
  name: string;
  /** From here on only for those whose level is profile or more. */
  email?: string | undefined;
  phone?: string | undefined;
  customValues: CustomValue[];
  /** The projects it is in, of those that the caller may see. */
  projectIds: string[];
  /** What the caller's level shows of the contact. (R7) */
  level: "updates" | "profile" | "headline";
  /** Whether an account is linked, so that the contact is a participant. */
  hasAccount: boolean;
  version: number;
  createdAt: string;
}

export interface CreateContactRequest {
  id: string;
  /** The project it is created in; absent for a contact of the organisation. */
  projectId?: string | undefined;
  kind: "client" | "service_user" | "referral_partner" | "funder" | "volunteer" | "other";
  name: string;
  email?: string | undefined;
  phone?: string | undefined;
  customValues: CustomValue[];
}
/** What a sender of CreateContactRequest gives. */
export interface CreateContactRequestInput {
  id?: string | undefined;
  /** The project it is created in; absent for a contact of the organisation. */
  projectId?: string | undefined;
  kind: "client" | "service_user" | "referral_partner" | "funder" | "volunteer" | "other";
  name: string;
  email?: string | undefined;
  phone?: string | undefined;
  customValues?: CustomValueInput[] | undefined;
}

export interface GetContactRequest {
  contactId: string;
}
/** What a sender of GetContactRequest gives. */
export interface GetContactRequestInput {
  contactId: string;
}

export interface SearchContactsRequest {
  limit: number;
  cursor: string;
  /** The beginning of any word of the name. */
  name?: string | undefined;
  kind?: "client" | "service_user" | "referral_partner" | "funder" | "volunteer" | "other" | undefined;
  projectId?: string | undefined;
}
/** What a sender of SearchContactsRequest gives. */
export interface SearchContactsRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
  /** The beginning of any word of the name. */
  name?: string | undefined;
  kind?: "client" | "service_user" | "referral_partner" | "funder" | "volunteer" | "other" | undefined;
  projectId?: string | undefined;
}

export interface SearchContactsResponse {
  items: Contact[];
  nextCursor: string;
}

export interface UpdateContactRequest {
  contactId: string;
  kind?: "client" | "service_user" | "referral_partner" | "funder" | "volunteer" | "other" | undefined;
  name?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
  /** Each replaces the value of its field; the others stay. */
  customValues: CustomValue[];
}
/** What a sender of UpdateContactRequest gives. */
export interface UpdateContactRequestInput {
  contactId: string;
  kind?: "client" | "service_user" | "referral_partner" | "funder" | "volunteer" | "other" | undefined;
  name?: string | undefined;
  email?: string | undefined;
  phone?: string | undefined;
  /** Each replaces the value of its field; the others stay. */
  customValues?: CustomValueInput[] | undefined;
}

export interface DeleteContactRequest {
  contactId: string;
}
/** What a sender of DeleteContactRequest gives. */
export interface DeleteContactRequestInput {
  contactId: string;
}

export interface EnrolContactRequest {
  id: string;
  projectId: string;
  boardId: string;
  contactId: string;
  level: "see" | "share" | "discuss";
  peerReview: boolean;
  /** Absent: by e-mail. printed: no mail is sent; a code is printed (PrintCode) and handed to the person, who needs no address. */
  inviteBy?: "email" | "printed" | undefined;
}
/** What a sender of EnrolContactRequest gives. */
export interface EnrolContactRequestInput {
  id?: string | undefined;
  projectId: string;
  boardId: string;
  contactId: string;
  level: "see" | "share" | "discuss";
  peerReview?: boolean | undefined;
  /** Absent: by e-mail. printed: no mail is sent; a code is printed (PrintCode) and handed to the person, who needs no address. */
  inviteBy?: "email" | "printed" | undefined;
}

/** A row of a list: an existing contact by its id or by its address, or a new one by name and address. */
export interface EnrolmentRow {
  contactId: string;
  email: string;
  name: string;
  /** Of a new contact; empty: the list's. */
  kind: string;
  /** see, share or discuss; empty: the list's. */
  level: string;
  /** yes or no; empty: the list's. */
  peerReview: string;
}
/** A row of a list: an existing contact by its id or by its address, or a new one by name and address. */
export interface EnrolmentRowInput {
  contactId?: string | undefined;
  email?: string | undefined;
  name?: string | undefined;
  /** Of a new contact; empty: the list's. */
  kind?: string | undefined;
  /** see, share or discuss; empty: the list's. */
  level?: string | undefined;
  /** yes or no; empty: the list's. */
  peerReview?: string | undefined;
}

export interface PreviewEnrolmentsRequest {
  boardId: string;
  /** With a first line that names the columns: contact, email, name, kind, level, peer review. Separated by commas, semicolons or tabs. */
  csv?: string | undefined;
  /** Or the rows themselves. */
  rows: EnrolmentRow[];
  /** What counts where a row says nothing. */
  level: "see" | "share" | "discuss";
  peerReview: boolean;
  kind: "client" | "service_user" | "referral_partner" | "funder" | "volunteer" | "other";
}
/** What a sender of PreviewEnrolmentsRequest gives. */
export interface PreviewEnrolmentsRequestInput {
  boardId: string;
  /** With a first line that names the columns: contact, email, name, kind, level, peer review. Separated by commas, semicolons or tabs. */
  csv?: string | undefined;
  /** Or the rows themselves. */
  rows?: EnrolmentRowInput[] | undefined;
  /** What counts where a row says nothing. */
  level: "see" | "share" | "discuss";
  peerReview?: boolean | undefined;
  kind: "client" | "service_user" | "referral_partner" | "funder" | "volunteer" | "other";
}

export interface EnrolmentsPreview {
  items: PreviewedEnrolment[];
  /** What is wrong with the list itself, as a column that is not known. */
  errors: EnrolmentRowError[];
  /** How many rows would be sent as they are. */
  ready: number;
  /** Credits that these take; who comes back within a month that is paid takes none. (B1) */
  creditsNeeded: number;
  /** Whether the organisation has them now. How many it has is for its admins. */
  creditsSuffice: boolean;
  /** Of the rows that are ready, in their order: sending exactly those takes it. */
  digest: string;
}

export interface PreviewedEnrolment {
  /** The line of the CSV on which the row ends, or the place of the row, from 1. */
  line: number;
  /** As it would be sent: trimmed, with no formula in it. */
  row?: EnrolmentRow | undefined;
  errors: EnrolmentRowError[];
  /** The contact that it means; absent where a new one would be made. */
  contactId?: string | undefined;
}

export interface EnrolmentRowError {
  column: "contact" | "email" | "name" | "kind" | "level" | "peer_review" | "file";
  code: "missing" | "format" | "formula" | "too_long" | "duplicate" | "already_enrolled" | "not_allowed" | "not_found" | "ambiguous" | "no_email" | "unknown_column" | "repeated_column" | "malformed";
  message: string;
}

export interface SendEnrolmentsRequest {
  /** Of the whole. */
  id: string;
  boardId: string;
  rows: EnrolmentRow[];
  level: "see" | "share" | "discuss";
  peerReview: boolean;
  kind: "client" | "service_user" | "referral_partner" | "funder" | "volunteer" | "other";
  /** Of the preview of exactly these rows. */
  digest: string;
}
/** What a sender of SendEnrolmentsRequest gives. */
export interface SendEnrolmentsRequestInput {
  /** Of the whole. */
  id?: string | undefined;
  boardId: string;
  rows: EnrolmentRowInput[];
  level: "see" | "share" | "discuss";
  peerReview?: boolean | undefined;
  kind: "client" | "service_user" | "referral_partner" | "funder" | "volunteer" | "other";
  /** Of the preview of exactly these rows. */
  digest: string;
}

export interface GetEnrolmentBatchRequest {
  batchId: string;
}
/** What a sender of GetEnrolmentBatchRequest gives. */
export interface GetEnrolmentBatchRequestInput {
  batchId: string;
}

export interface EnrolmentBatch {
  id: string;
  projectId: string;
  boardId: string;
  createdAt: string;
  /** Those that the caller may see, in the order of the list. */
  rows: BatchedEnrolment[];
  /** How many of these are still under way, came through, and were refused. */
  underWay: number;
  enrolled: number;
  refused: number;
}

export interface BatchedEnrolment {
  /** The place of the row in what was sent, from 1. */
  place: number;
  participationId: string;
  contactId: string;
  state: "enrolling" | "invited" | "active" | "paused" | "ended" | "refused";
  refusal?: "no_credit" | "contact_deleted" | "no_email" | "project_archived" | "project_removed" | "board_not_found" | "gave_up" | undefined;
}

export interface ResendParticipantInvitationRequest {
  participationId: string;
}
/** What a sender of ResendParticipantInvitationRequest gives. */
export interface ResendParticipantInvitationRequestInput {
  participationId: string;
}

export interface Participation {
  id: string;
  organisationId: string;
  projectId: string;
  boardId: string;
  contactId: string;
  level: "see" | "share" | "discuss";
  peerReview: boolean;
  /**
   * enrolling: its steps are under way; invited: the credit is held; active: accepted and paid; paused: no credit; ended;
   * refused: a step said no, everything before it was undone, and `refusal` says which.
   */
  state: "enrolling" | "invited" | "active" | "paused" | "ended" | "refused";
  refusal?: "no_credit" | "contact_deleted" | "no_email" | "project_archived" | "project_removed" | "board_not_found" | "gave_up" | undefined;
  version: number;
  createdAt: string;
  acceptedAt?: string | undefined;
  /** Of one that ended: with what it went, where nobody ended it. */
  endReason?: "contact_deleted" | "project_removed" | undefined;
  invitedBy: "email" | "printed";
}

export interface GetParticipationRequest {
  participationId: string;
}
/** What a sender of GetParticipationRequest gives. */
export interface GetParticipationRequestInput {
  participationId: string;
}

export interface ListParticipationsRequest {
  projectId: string;
  limit: number;
  cursor: string;
}
/** What a sender of ListParticipationsRequest gives. */
export interface ListParticipationsRequestInput {
  projectId: string;
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListParticipationsResponse {
  items: Participation[];
  nextCursor: string;
}

export interface ListMyParticipationsRequest {
  limit: number;
  cursor: string;
}
/** What a sender of ListMyParticipationsRequest gives. */
export interface ListMyParticipationsRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface UpdateParticipationRequest {
  participationId: string;
  level?: "see" | "share" | "discuss" | undefined;
  peerReview?: boolean | undefined;
}
/** What a sender of UpdateParticipationRequest gives. */
export interface UpdateParticipationRequestInput {
  participationId: string;
  level?: "see" | "share" | "discuss" | undefined;
  peerReview?: boolean | undefined;
}

export interface EndParticipationRequest {
  participationId: string;
}
/** What a sender of EndParticipationRequest gives. */
export interface EndParticipationRequestInput {
  participationId: string;
}

export interface AcceptParticipationRequest {
  participationId: string;
  userId: string;
}
/** What a sender of AcceptParticipationRequest gives. */
export interface AcceptParticipationRequestInput {
  participationId: string;
  userId: string;
}

export interface ReadContactScopesRequest {
  contactIds: string[];
}
/** What a sender of ReadContactScopesRequest gives. */
export interface ReadContactScopesRequestInput {
  contactIds: string[];
}

export interface ReadContactScopesResponse {
  items: ContactScope[];
}

/** What of a contact decides access. */
export interface ContactScope {
  contactId: string;
  organisationId: string;
  projectIds: string[];
  /** The account linked to it. */
  userId?: string | undefined;
  deleted: boolean;
  version: number;
}

export interface ReadAddressesRequest {
  organisationId: string;
  contactIds: string[];
}
/** What a sender of ReadAddressesRequest gives. */
export interface ReadAddressesRequestInput {
  organisationId: string;
  contactIds: string[];
}

export interface ReadAddressesResponse {
  items: Address[];
}

export interface Address {
  contactId: string;
  name: string;
  email?: string | undefined;
}

export interface WatchEventsRequest {
  /** Of a browser's session, which cannot say it in a header here: the organisation whose events are wanted. */
  organisation?: string | undefined;
}
/** What a sender of WatchEventsRequest gives. */
export interface WatchEventsRequestInput {
  /** Of a browser's session, which cannot say it in a header here: the organisation whose events are wanted. */
  organisation?: string | undefined;
}

export interface LiveEvent {
  id: string;
  kind: "post.created" | "comment.created" | "note.created" | "participation.changed" | "notification.created" | "resync" | "expired";
  projectId?: string | undefined;
  contactId?: string | undefined;
  participationId?: string | undefined;
  /** The id of what it is about. */
  recordId?: string | undefined;
}

export interface UploadFileRequest {
  participationId: string;
}
/** What a sender of UploadFileRequest gives. */
export interface UploadFileRequestInput {
  participationId: string;
}

export interface UploadedFile {
  id: string;
  name: string;
  mediaType: string;
  /** Bytes. */
  size: number;
  sha256: string;
}

export interface DownloadFileRequest {
  fileId: string;
  /** Of a browser's session, where a link cannot say it in a header: the organisation that the file belongs to. */
  organisation?: string | undefined;
}
/** What a sender of DownloadFileRequest gives. */
export interface DownloadFileRequestInput {
  fileId: string;
  /** Of a browser's session, where a link cannot say it in a header: the organisation that the file belongs to. */
  organisation?: string | undefined;
}

export interface UploadProjectImageRequest {
  projectId: string;
}
/** What a sender of UploadProjectImageRequest gives. */
export interface UploadProjectImageRequestInput {
  projectId: string;
}

export interface UploadFolderImageRequest {
  folderId: string;
}
/** What a sender of UploadFolderImageRequest gives. */
export interface UploadFolderImageRequestInput {
  folderId: string;
}

export interface UploadedImage {
  id: string;
  name: string;
  mediaType: string;
  /** Bytes. */
  size: number;
  sha256: string;
}

export interface DownloadImageRequest {
  imageId: string;
  /** Of a browser's session, where a link cannot say it in a header: the organisation that the picture belongs to. */
  organisation?: string | undefined;
}
/** What a sender of DownloadImageRequest gives. */
export interface DownloadImageRequestInput {
  imageId: string;
  /** Of a browser's session, where a link cannot say it in a header: the organisation that the picture belongs to. */
  organisation?: string | undefined;
}

export interface DownloadPublicImageRequest {
  organisationId: string;
  imageId: string;
}
/** What a sender of DownloadPublicImageRequest gives. */
export interface DownloadPublicImageRequestInput {
  organisationId: string;
  imageId: string;
}

export interface Organisation {
  id: string;
  name: string;
  preset: "charity" | "civic";
  timeZone: string;
  language: string;
  state: "active" | "suspended" | "closed";
  switches?: Switches | undefined;
  version: number;
  createdAt: string;
  /** Where redacted access is about to end: when. Known once all managers concerned were told. */
  redactedUntil?: string | undefined;
  /** The languages that it offers, its own one first. */
  languages: string[];
}

/** The cells of the role tables that an organisation can change. (roles.md, "Two presets") */
export interface Switches {
  managersGiveRoles: boolean;
  creatorsCreateProjects: boolean;
  /** The organisation and project roles that may create contacts. */
  contactCreators: ("admin" | "creator" | "member" | "manager" | "reporter" | "observer")[];
  redactedAccess: boolean;
  visitorsSeeProjects: boolean;
}

export interface CreateOrganisationRequest {
  id: string;
  name: string;
  preset: "charity" | "civic";
  timeZone: string;
  language: string;
}
/** What a sender of CreateOrganisationRequest gives. */
export interface CreateOrganisationRequestInput {
  id?: string | undefined;
  name: string;
  preset: "charity" | "civic";
  timeZone: string;
  language: string;
}

export interface ListOrganisationsRequest {
  limit: number;
  cursor: string;
}
/** What a sender of ListOrganisationsRequest gives. */
export interface ListOrganisationsRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListOrganisationsResponse {
  items: Organisation[];
  nextCursor: string;
}

export interface InviteFirstAdminRequest {
  organisationId: string;
  id: string;
  email: string;
}
/** What a sender of InviteFirstAdminRequest gives. */
export interface InviteFirstAdminRequestInput {
  organisationId: string;
  id?: string | undefined;
  email: string;
}

export type GetOrganisationRequest = Record<string, never>;
/** What a sender of GetOrganisationRequest gives. */
export type GetOrganisationRequestInput = Record<string, never>;

export interface UpdateOrganisationRequest {
  name?: string | undefined;
  timeZone?: string | undefined;
  language?: string | undefined;
  managersGiveRoles?: boolean | undefined;
  creatorsCreateProjects?: boolean | undefined;
  /** Absent: unchanged. */
  contactCreators?: ContactCreators | undefined;
  visitorsSeeProjects?: boolean | undefined;
  /** Absent: unchanged. Its own language is always among them. */
  languages?: Languages | undefined;
}
/** What a sender of UpdateOrganisationRequest gives. */
export interface UpdateOrganisationRequestInput {
  name?: string | undefined;
  timeZone?: string | undefined;
  language?: string | undefined;
  managersGiveRoles?: boolean | undefined;
  creatorsCreateProjects?: boolean | undefined;
  /** Absent: unchanged. */
  contactCreators?: ContactCreatorsInput | undefined;
  visitorsSeeProjects?: boolean | undefined;
  /** Absent: unchanged. Its own language is always among them. */
  languages?: LanguagesInput | undefined;
}

export interface SwitchRedactedAccessOnRequest {
  /** Where it is given, the switch is changed in this organisation or not at all: a person may be in several. */
  organisationId?: string | undefined;
}
/** What a sender of SwitchRedactedAccessOnRequest gives. */
export interface SwitchRedactedAccessOnRequestInput {
  /** Where it is given, the switch is changed in this organisation or not at all: a person may be in several. */
  organisationId?: string | undefined;
}

export interface SwitchRedactedAccessOffRequest {
  /** As in SwitchRedactedAccessOnRequest. */
  organisationId?: string | undefined;
}
/** What a sender of SwitchRedactedAccessOffRequest gives. */
export interface SwitchRedactedAccessOffRequestInput {
  /** As in SwitchRedactedAccessOnRequest. */
  organisationId?: string | undefined;
}

export interface Languages {
  tags: string[];
}
/** What a sender of Languages gives. */
export interface LanguagesInput {
  tags?: string[] | undefined;
}

export interface ContactCreators {
  roles: ("admin" | "creator" | "member" | "manager" | "reporter" | "observer")[];
}
/** What a sender of ContactCreators gives. */
export interface ContactCreatorsInput {
  roles?: ("admin" | "creator" | "member" | "manager" | "reporter" | "observer")[] | undefined;
}

export type GetMeRequest = Record<string, never>;
/** What a sender of GetMeRequest gives. */
export type GetMeRequestInput = Record<string, never>;

export interface Me {
  id: string;
  name: string;
  /** Empty: they have none. */
  email: string;
  language: string;
  /** Those in which they hold roles; then, without any, those in which they follow a project and have something to see. */
  organisations: Membership[];
  version: number;
  /** Operators of the platform get tokens for `<origin>/orgs/platform`. */
  platformOperator: boolean;
  billingOperator: boolean;
  /** The languages that they read, the one that they are written to in first. */
  languages: string[];
  /** When a printed code last let somebody in to this account again. Whoever did not ask for one asks the organisation about it. */
  enteredByCodeAt?: string | undefined;
  /** Where they only follow something could not be found out just now. */
  followsUnknown: boolean;
}

export interface Membership {
  organisationId: string;
  name: string;
  grants: Grant[];
}

export interface UpdateMeRequest {
  name?: string | undefined;
  language?: string | undefined;
  /** Absent: unchanged. The one that they are written to in is always among them. */
  languages?: Languages | undefined;
}
/** What a sender of UpdateMeRequest gives. */
export interface UpdateMeRequestInput {
  name?: string | undefined;
  language?: string | undefined;
  /** Absent: unchanged. The one that they are written to in is always among them. */
  languages?: LanguagesInput | undefined;
}

export interface InviteColleagueRequest {
  id: string;
  email: string;
  role: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer";
  /** Absent: the organisation. */
  scope?: string | undefined;
  /** When the role will end by itself; absent: when it is taken. */
  roleExpiresAt?: string | undefined;
  /** Why; the role that comes of it keeps it, as one that was given. */
  reason?: string | undefined;
}
/** What a sender of InviteColleagueRequest gives. */
export interface InviteColleagueRequestInput {
  id?: string | undefined;
  email: string;
  role: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer";
  /** Absent: the organisation. */
  scope?: string | undefined;
  /** When the role will end by itself; absent: when it is taken. */
  roleExpiresAt?: string | undefined;
  /** Why; the role that comes of it keeps it, as one that was given. */
  reason?: string | undefined;
}

/** What its sender may see of an invitation: never its secret, nor whether the address is known. */
export interface Invitation {
  id: string;
  organisationId: string;
  email: string;
  role: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer" | "participant";
  scope?: string | undefined;
  state: "pending" | "accepted" | "expired" | "withdrawn";
  expiresAt: string;
  version: number;
  roleExpiresAt?: string | undefined;
  sentBy: string;
  sentAt: string;
  /** Why, until it is accepted: then the role has it. */
  reason?: string | undefined;
}

export interface InvitationRow {
  email: string;
  /** Under which they are shown until they choose a name. */
  name: string;
  role: string;
  /** The id of a folder or project; empty: the organisation. */
  scope: string;
  /** When the role will end by itself: a date (at its end, UTC) or a time; empty: when it is taken. */
  until: string;
}
/** What a sender of InvitationRow gives. */
export interface InvitationRowInput {
  email?: string | undefined;
  /** Under which they are shown until they choose a name. */
  name?: string | undefined;
  role?: string | undefined;
  /** The id of a folder or project; empty: the organisation. */
  scope?: string | undefined;
  /** When the role will end by itself: a date (at its end, UTC) or a time; empty: when it is taken. */
  until?: string | undefined;
}

export interface PreviewInvitationsRequest {
  /** With a first line that names the columns: email, name, role, scope, until. Separated by commas, semicolons or tabs. */
  csv?: string | undefined;
  /** Or the rows themselves. */
  rows: InvitationRow[];
}
/** What a sender of PreviewInvitationsRequest gives. */
export interface PreviewInvitationsRequestInput {
  /** With a first line that names the columns: email, name, role, scope, until. Separated by commas, semicolons or tabs. */
  csv?: string | undefined;
  /** Or the rows themselves. */
  rows?: InvitationRowInput[] | undefined;
}

export interface InvitationsPreview {
  items: PreviewedInvitation[];
  /** What is wrong with the list itself, as a column that is missing. */
  errors: RowError[];
  /** How many rows would be sent as they are. */
  ready: number;
}

export interface PreviewedInvitation {
  /** The line of the CSV on which the row ends, or the place of the row, from 1. */
  line: number;
  /** As it would be sent: trimmed, with no formula in it. */
  row?: InvitationRow | undefined;
  errors: RowError[];
}

export interface RowError {
  column: "email" | "name" | "role" | "scope" | "until" | "file";
  code: "missing" | "format" | "formula" | "too_long" | "duplicate" | "already_invited" | "not_allowed" | "not_found" | "in_past" | "unknown_column" | "repeated_column" | "malformed";
  message: string;
}

export interface SendInvitationsRequest {
  /** Of the whole. */
  id: string;
  rows: InvitationRow[];
  /** Why, of all of them. */
  reason?: string | undefined;
}
/** What a sender of SendInvitationsRequest gives. */
export interface SendInvitationsRequestInput {
  /** Of the whole. */
  id?: string | undefined;
  rows: InvitationRowInput[];
  /** Why, of all of them. */
  reason?: string | undefined;
}

export interface SentInvitations {
  items: Invitation[];
}

export interface ListInvitationsRequest {
  limit: number;
  cursor: string;
  state?: "pending" | "accepted" | "expired" | "withdrawn" | undefined;
}
/** What a sender of ListInvitationsRequest gives. */
export interface ListInvitationsRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
  state?: "pending" | "accepted" | "expired" | "withdrawn" | undefined;
}

export interface ListInvitationsResponse {
  items: Invitation[];
  nextCursor: string;
}

export interface ResendInvitationRequest {
  invitationId: string;
}
/** What a sender of ResendInvitationRequest gives. */
export interface ResendInvitationRequestInput {
  invitationId: string;
}

export interface WithdrawInvitationRequest {
  invitationId: string;
}
/** What a sender of WithdrawInvitationRequest gives. */
export interface WithdrawInvitationRequestInput {
  invitationId: string;
}

export interface AcceptInvitationRequest {
  /** The secret of the link that was mailed. */
  token: string;
  /** Or the code of a printed invitation, as it is read and typed: capitals, spaces and hyphens do not matter. */
  printedCode: string;
}
/** What a sender of AcceptInvitationRequest gives. */
export interface AcceptInvitationRequestInput {
  /** The secret of the link that was mailed. */
  token?: string | undefined;
  /** Or the code of a printed invitation, as it is read and typed: capitals, spaces and hyphens do not matter. */
  printedCode?: string | undefined;
}

export interface PrintCodeRequest {
  participationId: string;
  id: string;
}
/** What a sender of PrintCodeRequest gives. */
export interface PrintCodeRequestInput {
  participationId: string;
  id?: string | undefined;
}

export interface PrintedCode {
  id: string;
  participationId: string;
  /** In groups, as it is to be read: 0 and O, 1 and I and L are the same. */
  code: string;
  /** Where it is entered. It stands in no address, so that no history or log has it. */
  address: string;
  expiresAt: string;
  organisationName: string;
  /** accept: it accepts an invitation; return: it lets somebody in again to whom an account belongs. */
  purpose: "accept" | "return";
}

export interface AcceptedInvitation {
  organisationId: string;
  role: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer" | "participant";
  scope?: string | undefined;
  /** Of a participant. */
  participationId?: string | undefined;
}

export interface ListColleaguesRequest {
  limit: number;
  cursor: string;
  /** Only who holds this role, on whatever or on the scope. */
  role?: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer" | "board_admin" | "board_member" | "album_manager" | "album_member" | "event_manager" | "event_worker" | undefined;
  /** Only who holds a role directly on this folder, project, board, album or event. */
  scope?: string | undefined;
  state?: "active" | "disabled" | undefined;
}
/** What a sender of ListColleaguesRequest gives. */
export interface ListColleaguesRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
  /** Only who holds this role, on whatever or on the scope. */
  role?: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer" | "board_admin" | "board_member" | "album_manager" | "album_member" | "event_manager" | "event_worker" | undefined;
  /** Only who holds a role directly on this folder, project, board, album or event. */
  scope?: string | undefined;
  state?: "active" | "disabled" | undefined;
}

export interface SearchColleaguesRequest {
  text: string;
  limit: number;
  cursor: string;
  /** As in ListColleagues. */
  role?: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer" | "board_admin" | "board_member" | "album_manager" | "album_member" | "event_manager" | "event_worker" | undefined;
  scope?: string | undefined;
  state?: "active" | "disabled" | undefined;
}
/** What a sender of SearchColleaguesRequest gives. */
export interface SearchColleaguesRequestInput {
  text: string;
  limit?: number | undefined;
  cursor?: string | undefined;
  /** As in ListColleagues. */
  role?: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer" | "board_admin" | "board_member" | "album_manager" | "album_member" | "event_manager" | "event_worker" | undefined;
  scope?: string | undefined;
  state?: "active" | "disabled" | undefined;
}

export interface GetColleagueRequest {
  userId: string;
}
/** What a sender of GetColleagueRequest gives. */
export interface GetColleagueRequestInput {
  userId: string;
}

export interface ListColleagueGrantsRequest {
  userId: string;
  limit: number;
  cursor: string;
}
/** What a sender of ListColleagueGrantsRequest gives. */
export interface ListColleagueGrantsRequestInput {
  userId: string;
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListColleagueGrantsResponse {
  items: Grant[];
  nextCursor: string;
}

export interface GetHandoverRequest {
  userId: string;
}
/** What a sender of GetHandoverRequest gives. */
export interface GetHandoverRequestInput {
  userId: string;
}

export interface Handover {
  userId: string;
  /** They have an organisation, folder or project role. */
  colleague: boolean;
  /** What they hold, by the kind of scope. */
  roles: HandoverKind[];
  /** Where nobody else would be left who holds the role for good. */
  soleHolderOf: SoleRole[];
  /** Of more than those listed. */
  moreSoleRoles: boolean;
  /** Invitations that they sent and nobody has accepted yet: they end with the sender's powers. */
  pendingInvitations: number;
}

export interface HandoverKind {
  kind: "organisation" | "folder" | "project" | "board" | "album" | "event" | "contact";
  count: number;
}

export interface SoleRole {
  role: string;
  scope: string;
}

/** Gives a role to somebody, or takes one from them: `take_grant_id`, or else `role` and its scope. */
export interface ColleagueChange {
  userId: string;
  takeGrantId?: string | undefined;
  role?: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer" | undefined;
  /** Absent: the organisation. */
  scope?: string | undefined;
  expiresAt?: string | undefined;
}
/** Gives a role to somebody, or takes one from them: `take_grant_id`, or else `role` and its scope. */
export interface ColleagueChangeInput {
  userId: string;
  takeGrantId?: string | undefined;
  role?: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer" | undefined;
  /** Absent: the organisation. */
  scope?: string | undefined;
  expiresAt?: string | undefined;
}

export interface PreviewColleagueChangesRequest {
  changes: ColleagueChange[];
}
/** What a sender of PreviewColleagueChangesRequest gives. */
export interface PreviewColleagueChangesRequestInput {
  changes: ColleagueChangeInput[];
}

export interface ColleagueChangesPreview {
  /** One for each change, in their order. */
  items: ChangeVerdict[];
  /** What they do together to each person. */
  people: PersonEffect[];
  /** Stands for all of this; ChangeColleagues takes it and does this or nothing. */
  digest: string;
}

export interface ChangeVerdict {
  userId: string;
  role: string;
  scope: string;
  takes: boolean;
  /** Why it would be refused; absent: it would not. */
  refusal?: string | undefined;
}

export interface PersonEffect {
  userId: string;
  name: string;
  /** Permissions (docs/reference/roles.md), by the scope on which they come or go. */
  gains: ScopeEffect[];
  loses: ScopeEffect[];
  /** They have no organisation, folder or project role any more: see GetHandover. */
  leaves: boolean;
}

export interface ScopeEffect {
  scope: string;
  permissions: string[];
}

export interface ChangeColleaguesRequest {
  changes: ColleagueChange[];
  /** Of the preview of these changes. */
  digest: string;
  /** Why, of the roles that are given and of those that are taken. */
  reason?: string | undefined;
}
/** What a sender of ChangeColleaguesRequest gives. */
export interface ChangeColleaguesRequestInput {
  changes: ColleagueChangeInput[];
  /** Of the preview of these changes. */
  digest: string;
  /** Why, of the roles that are given and of those that are taken. */
  reason?: string | undefined;
}

export interface ListTeamRequest {
  projectId: string;
  limit: number;
  cursor: string;
}
/** What a sender of ListTeamRequest gives. */
export interface ListTeamRequestInput {
  projectId: string;
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListTeamResponse {
  /** Roles held on the project itself, or on a board, album or event of it; newest first. */
  items: TeamRole[];
  nextCursor: string;
  /** Roles that reach the project from its folder and the organisation; with the first page. */
  derived: TeamRole[];
}

export interface TeamRole {
  name: string;
  email: string;
  grant?: Grant | undefined;
  /** Of a folder's manager: their right for this project was taken. */
  withheld?: WithheldRight | undefined;
}

export interface ListColleaguesResponse {
  items: Colleague[];
  nextCursor: string;
}

export interface Colleague {
  userId: string;
  name: string;
  email: string;
  /**
   * Roles in the organisation, then on folders, projects and what lies in them, fifty of those at most. ListColleagueGrants has all,
   * and levels for contacts.
   */
  grants: Grant[];
  grantCount: number;
  state: "active" | "disabled";
  /** When they last used the organisation, to the hour. */
  lastActiveAt?: string | undefined;
}

export interface GiveRoleRequest {
  id: string;
  userId: string;
  role: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer" | "board_admin" | "board_member" | "album_manager" | "album_member" | "event_manager" | "event_worker" | "contact_updates" | "contact_profile" | "contact_headline" | "contact_none";
  /** The id of what it is held on; absent: the organisation. */
  scope?: string | undefined;
  /** The project that a board, an album or an event belongs to. */
  projectId?: string | undefined;
  reason?: string | undefined;
  /** When the role ends by itself; absent: when it is taken. */
  expiresAt?: string | undefined;
}
/** What a sender of GiveRoleRequest gives. */
export interface GiveRoleRequestInput {
  id?: string | undefined;
  userId: string;
  role: "admin" | "creator" | "member" | "folder_manager" | "manager" | "reporter" | "observer" | "board_admin" | "board_member" | "album_manager" | "album_member" | "event_manager" | "event_worker" | "contact_updates" | "contact_profile" | "contact_headline" | "contact_none";
  /** The id of what it is held on; absent: the organisation. */
  scope?: string | undefined;
  /** The project that a board, an album or an event belongs to. */
  projectId?: string | undefined;
  reason?: string | undefined;
  /** When the role ends by itself; absent: when it is taken. */
  expiresAt?: string | undefined;
}

export interface TakeRoleRequest {
  grantId: string;
}
/** What a sender of TakeRoleRequest gives. */
export interface TakeRoleRequestInput {
  grantId: string;
}

export interface TakeRoleWithReasonRequest {
  grantId: string;
  reason?: string | undefined;
}
/** What a sender of TakeRoleWithReasonRequest gives. */
export interface TakeRoleWithReasonRequestInput {
  grantId: string;
  reason?: string | undefined;
}

export interface SetRoleExpiryRequest {
  grantId: string;
  /** Absent: the role stays until it is taken. */
  expiresAt?: string | undefined;
}
/** What a sender of SetRoleExpiryRequest gives. */
export interface SetRoleExpiryRequestInput {
  grantId: string;
  /** Absent: the role stays until it is taken. */
  expiresAt?: string | undefined;
}

export interface WithholdRightRequest {
  id: string;
  projectId: string;
  /** A manager of the project's folder. */
  userId: string;
  reason?: string | undefined;
}
/** What a sender of WithholdRightRequest gives. */
export interface WithholdRightRequestInput {
  id?: string | undefined;
  projectId: string;
  /** A manager of the project's folder. */
  userId: string;
  reason?: string | undefined;
}

export interface RestoreRightRequest {
  withheldRightId: string;
}
/** What a sender of RestoreRightRequest gives. */
export interface RestoreRightRequestInput {
  withheldRightId: string;
}

export interface RestoreRightWithReasonRequest {
  withheldRightId: string;
  reason?: string | undefined;
}
/** What a sender of RestoreRightWithReasonRequest gives. */
export interface RestoreRightWithReasonRequestInput {
  withheldRightId: string;
  reason?: string | undefined;
}

/** A manager right for one project that a folder's manager does not derive from the folder. */
export interface WithheldRight {
  id: string;
  organisationId: string;
  userId: string;
  projectId: string;
  withheldBy: string;
  withheldAt: string;
  reason?: string | undefined;
  /** The organisation's grantsVersion at which it took this form. */
  version: number;
  restored: boolean;
  /** Why it was given back. */
  restoredReason?: string | undefined;
}

/** A role that a person holds on a scope. */
export interface Grant {
  id: string;
  organisationId: string;
  userId: string;
  role: string;
  scope: string;
  projectId?: string | undefined;
  /** Of a participant: what the participation allows. */
  participant?: Participant | undefined;
  /** The organisation's grantsVersion at which it took this form. */
  version: number;
  grantedAt: string;
  removed: boolean;
  /** When it ends by itself; absent: when it is taken. */
  expiresAt?: string | undefined;
  /** Who gave it: a user, or the service where it follows from something else. */
  grantedBy?: string | undefined;
  /** Why; only for those who may give and take roles there. */
  reason?: string | undefined;
  /** Why it was taken; for the same readers. */
  takenReason?: string | undefined;
}

export interface Participant {
  participationId: string;
  contactId: string;
  boardId: string;
  level: "see" | "share" | "discuss" | "";
  peerReview: boolean;
  state: "active" | "paused" | "ended" | "";
}
/** What a sender of Participant gives. */
export interface ParticipantInput {
  participationId?: string | undefined;
  contactId?: string | undefined;
  boardId?: string | undefined;
  level?: "see" | "share" | "discuss" | undefined;
  peerReview?: boolean | undefined;
  state?: "active" | "paused" | "ended" | undefined;
}

export type GetLoginProviderRequest = Record<string, never>;
/** What a sender of GetLoginProviderRequest gives. */
export type GetLoginProviderRequestInput = Record<string, never>;

export interface LoginProvider {
  issuer: string;
  clientId: string;
  /** Only people with addresses of these domains log in with it; empty: any. */
  emailDomains: string[];
  enabled: boolean;
  /** What to register with the provider. */
  redirectUri: string;
  version: number;
}

export interface PutLoginProviderRequest {
  issuer: string;
  clientId: string;
  /** Absent: the one that is there stays, as long as the issuer does. */
  clientSecret?: string | undefined;
  emailDomains: string[];
  enabled: boolean;
}
/** What a sender of PutLoginProviderRequest gives. */
export interface PutLoginProviderRequestInput {
  issuer: string;
  clientId: string;
  /** Absent: the one that is there stays, as long as the issuer does. */
  clientSecret?: string | undefined;
  emailDomains?: string[] | undefined;
  enabled?: boolean | undefined;
}

export interface ListAuditEntriesRequest {
  limit: number;
  cursor: string;
  action: "access.explained" | "access.refused" | "account.closed" | "audit.exported" | "board.changed" | "board.created" | "code.printed" | "code.redeemed" | "colleague.left" | "colleague.listed" | "contact.changed" | "contact.created" | "contact.deleted" | "contact.exported" | "contact.listed" | "contact.viewed" | "contact_field.created" | "deletion_request.created" | "deletion_request.declined" | "deletion_request.granted" | "deletion_request.withdrawn" | "email.changed" | "folder.activated" | "folder.archived" | "folder.changed" | "folder.created" | "folder.deleted" | "folder.removed" | "folder.restored" | "folder_right.restored" | "folder_right.withheld" | "invitation.accepted" | "invitation.listed" | "invitation.resent" | "invitation.sent" | "invitation.withdrawn" | "log_in.new_device" | "log_in.refused" | "log_in.token_reused" | "login_provider.changed" | "login_provider.linked" | "metric.created" | "order.confirmed" | "order.created" | "organisation.changed" | "organisation.closed" | "organisation.created" | "organisation.export_opened" | "organisation.exported" | "organisation.resumed" | "organisation.suspended" | "participation.accepted" | "participation.changed" | "participation.created" | "participation.ended" | "passkey.added" | "passkey.removed" | "project.archived" | "project.changed" | "project.created" | "project.deleted" | "project.drafted" | "project.moved" | "project.published" | "project.removed" | "project.restored" | "project.visibility_changed" | "question.created" | "redacted_access.changed" | "redacted_access.kept_on" | "redacted_access.manager_told" | "redacted_access.managers_told" | "redacted_access.off_requested" | "redacted_access.switched_off" | "redacted_access.switched_on" | "role.changed" | "role.ended" | "role.expiry_changed" | "role.given" | "role.taken" | "service_account.changed" | "service_account.created" | "service_account.disabled" | "service_account.key_changed" | "service_account.revoked" | "session.ended" | "signing_key.created" | "signing_key.retired" | "switch.changed" | "team.listed" | "user.disabled" | "user.enabled" | "";
  /** Who did it: a person, or "service:<name>". */
  actorId: string;
  /** Whom or what it was done to. */
  subjectId: string;
  /** The organisation, folder, project, board or contact within which it was done. */
  scope: string;
  outcome: "done" | "refused" | "";
  /** Not before, and before. */
  from: string;
  to: string;
}
/** What a sender of ListAuditEntriesRequest gives. */
export interface ListAuditEntriesRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
  action?: "access.explained" | "access.refused" | "account.closed" | "audit.exported" | "board.changed" | "board.created" | "code.printed" | "code.redeemed" | "colleague.left" | "colleague.listed" | "contact.changed" | "contact.created" | "contact.deleted" | "contact.exported" | "contact.listed" | "contact.viewed" | "contact_field.created" | "deletion_request.created" | "deletion_request.declined" | "deletion_request.granted" | "deletion_request.withdrawn" | "email.changed" | "folder.activated" | "folder.archived" | "folder.changed" | "folder.created" | "folder.deleted" | "folder.removed" | "folder.restored" | "folder_right.restored" | "folder_right.withheld" | "invitation.accepted" | "invitation.listed" | "invitation.resent" | "invitation.sent" | "invitation.withdrawn" | "log_in.new_device" | "log_in.refused" | "log_in.token_reused" | "login_provider.changed" | "login_provider.linked" | "metric.created" | "order.confirmed" | "order.created" | "organisation.changed" | "organisation.closed" | "organisation.created" | "organisation.export_opened" | "organisation.exported" | "organisation.resumed" | "organisation.suspended" | "participation.accepted" | "participation.changed" | "participation.created" | "participation.ended" | "passkey.added" | "passkey.removed" | "project.archived" | "project.changed" | "project.created" | "project.deleted" | "project.drafted" | "project.moved" | "project.published" | "project.removed" | "project.restored" | "project.visibility_changed" | "question.created" | "redacted_access.changed" | "redacted_access.kept_on" | "redacted_access.manager_told" | "redacted_access.managers_told" | "redacted_access.off_requested" | "redacted_access.switched_off" | "redacted_access.switched_on" | "role.changed" | "role.ended" | "role.expiry_changed" | "role.given" | "role.taken" | "service_account.changed" | "service_account.created" | "service_account.disabled" | "service_account.key_changed" | "service_account.revoked" | "session.ended" | "signing_key.created" | "signing_key.retired" | "switch.changed" | "team.listed" | "user.disabled" | "user.enabled" | undefined;
  /** Who did it: a person, or "service:<name>". */
  actorId?: string | undefined;
  /** Whom or what it was done to. */
  subjectId?: string | undefined;
  /** The organisation, folder, project, board or contact within which it was done. */
  scope?: string | undefined;
  outcome?: "done" | "refused" | undefined;
  /** Not before, and before. */
  from?: string | undefined;
  to?: string | undefined;
}

export interface ListAuditEntriesResponse {
  items: AuditEntry[];
  nextCursor: string;
}

export interface ExportAuditEntriesRequest {
  /** A header line and a line for each entry, or a JSON object on each line. */
  format: "csv" | "jsonl";
  cursor: string;
  action: "access.explained" | "access.refused" | "account.closed" | "audit.exported" | "board.changed" | "board.created" | "code.printed" | "code.redeemed" | "colleague.left" | "colleague.listed" | "contact.changed" | "contact.created" | "contact.deleted" | "contact.exported" | "contact.listed" | "contact.viewed" | "contact_field.created" | "deletion_request.created" | "deletion_request.declined" | "deletion_request.granted" | "deletion_request.withdrawn" | "email.changed" | "folder.activated" | "folder.archived" | "folder.changed" | "folder.created" | "folder.deleted" | "folder.removed" | "folder.restored" | "folder_right.restored" | "folder_right.withheld" | "invitation.accepted" | "invitation.listed" | "invitation.resent" | "invitation.sent" | "invitation.withdrawn" | "log_in.new_device" | "log_in.refused" | "log_in.token_reused" | "login_provider.changed" | "login_provider.linked" | "metric.created" | "order.confirmed" | "order.created" | "organisation.changed" | "organisation.closed" | "organisation.created" | "organisation.export_opened" | "organisation.exported" | "organisation.resumed" | "organisation.suspended" | "participation.accepted" | "participation.changed" | "participation.created" | "participation.ended" | "passkey.added" | "passkey.removed" | "project.archived" | "project.changed" | "project.created" | "project.deleted" | "project.drafted" | "project.moved" | "project.published" | "project.removed" | "project.restored" | "project.visibility_changed" | "question.created" | "redacted_access.changed" | "redacted_access.kept_on" | "redacted_access.manager_told" | "redacted_access.managers_told" | "redacted_access.off_requested" | "redacted_access.switched_off" | "redacted_access.switched_on" | "role.changed" | "role.ended" | "role.expiry_changed" | "role.given" | "role.taken" | "service_account.changed" | "service_account.created" | "service_account.disabled" | "service_account.key_changed" | "service_account.revoked" | "session.ended" | "signing_key.created" | "signing_key.retired" | "switch.changed" | "team.listed" | "user.disabled" | "user.enabled" | "";
  actorId: string;
  subjectId: string;
  scope: string;
  outcome: "done" | "refused" | "";
  from: string;
  to: string;
}
/** What a sender of ExportAuditEntriesRequest gives. */
export interface ExportAuditEntriesRequestInput {
  /** A header line and a line for each entry, or a JSON object on each line. */
  format: "csv" | "jsonl";
  cursor?: string | undefined;
  action?: "access.explained" | "access.refused" | "account.closed" | "audit.exported" | "board.changed" | "board.created" | "code.printed" | "code.redeemed" | "colleague.left" | "colleague.listed" | "contact.changed" | "contact.created" | "contact.deleted" | "contact.exported" | "contact.listed" | "contact.viewed" | "contact_field.created" | "deletion_request.created" | "deletion_request.declined" | "deletion_request.granted" | "deletion_request.withdrawn" | "email.changed" | "folder.activated" | "folder.archived" | "folder.changed" | "folder.created" | "folder.deleted" | "folder.removed" | "folder.restored" | "folder_right.restored" | "folder_right.withheld" | "invitation.accepted" | "invitation.listed" | "invitation.resent" | "invitation.sent" | "invitation.withdrawn" | "log_in.new_device" | "log_in.refused" | "log_in.token_reused" | "login_provider.changed" | "login_provider.linked" | "metric.created" | "order.confirmed" | "order.created" | "organisation.changed" | "organisation.closed" | "organisation.created" | "organisation.export_opened" | "organisation.exported" | "organisation.resumed" | "organisation.suspended" | "participation.accepted" | "participation.changed" | "participation.created" | "participation.ended" | "passkey.added" | "passkey.removed" | "project.archived" | "project.changed" | "project.created" | "project.deleted" | "project.drafted" | "project.moved" | "project.published" | "project.removed" | "project.restored" | "project.visibility_changed" | "question.created" | "redacted_access.changed" | "redacted_access.kept_on" | "redacted_access.manager_told" | "redacted_access.managers_told" | "redacted_access.off_requested" | "redacted_access.switched_off" | "redacted_access.switched_on" | "role.changed" | "role.ended" | "role.expiry_changed" | "role.given" | "role.taken" | "service_account.changed" | "service_account.created" | "service_account.disabled" | "service_account.key_changed" | "service_account.revoked" | "session.ended" | "signing_key.created" | "signing_key.retired" | "switch.changed" | "team.listed" | "user.disabled" | "user.enabled" | undefined;
  actorId?: string | undefined;
  subjectId?: string | undefined;
  scope?: string | undefined;
  outcome?: "done" | "refused" | undefined;
  from?: string | undefined;
  to?: string | undefined;
}

export interface ExportAuditEntriesResponse {
  text: string;
  nextCursor: string;
}

/** What was done, by whom, to whom. Ids and words; a reason that somebody gave for it lies beside the chain. */
export interface AuditEntry {
  id: string;
  action: "access.explained" | "access.refused" | "account.closed" | "audit.exported" | "board.changed" | "board.created" | "code.printed" | "code.redeemed" | "colleague.left" | "colleague.listed" | "contact.changed" | "contact.created" | "contact.deleted" | "contact.exported" | "contact.listed" | "contact.viewed" | "contact_field.created" | "deletion_request.created" | "deletion_request.declined" | "deletion_request.granted" | "deletion_request.withdrawn" | "email.changed" | "folder.activated" | "folder.archived" | "folder.changed" | "folder.created" | "folder.deleted" | "folder.removed" | "folder.restored" | "folder_right.restored" | "folder_right.withheld" | "invitation.accepted" | "invitation.listed" | "invitation.resent" | "invitation.sent" | "invitation.withdrawn" | "log_in.new_device" | "log_in.refused" | "log_in.token_reused" | "login_provider.changed" | "login_provider.linked" | "metric.created" | "order.confirmed" | "order.created" | "organisation.changed" | "organisation.closed" | "organisation.created" | "organisation.export_opened" | "organisation.exported" | "organisation.resumed" | "organisation.suspended" | "participation.accepted" | "participation.changed" | "participation.created" | "participation.ended" | "passkey.added" | "passkey.removed" | "project.archived" | "project.changed" | "project.created" | "project.deleted" | "project.drafted" | "project.moved" | "project.published" | "project.removed" | "project.restored" | "project.visibility_changed" | "question.created" | "redacted_access.changed" | "redacted_access.kept_on" | "redacted_access.manager_told" | "redacted_access.managers_told" | "redacted_access.off_requested" | "redacted_access.switched_off" | "redacted_access.switched_on" | "role.changed" | "role.ended" | "role.expiry_changed" | "role.given" | "role.taken" | "service_account.changed" | "service_account.created" | "service_account.disabled" | "service_account.key_changed" | "service_account.revoked" | "session.ended" | "signing_key.created" | "signing_key.retired" | "switch.changed" | "team.listed" | "user.disabled" | "user.enabled";
  actorId: string;
  subjectId: string;
  scope: string;
  outcome: "done" | "refused";
  recordedAt: string;
  /** Of what was done to a role: the role. */
  role?: string | undefined;
  /** The record that it left: a grant, a withheld right, an invitation. */
  recordId?: string | undefined;
  /** What was asked for where somebody was refused, as Projects.DeleteProject. */
  operation?: string | undefined;
  /** A stable word that says why it was refused, or of what it follows where nobody did it. */
  cause?: string | undefined;
  /** How often, where the same came several times within a minute. */
  times?: number | undefined;
  /** What whoever gave or took a role or a right wrote; it may be erased, and the chain still holds. */
  reason?: string | undefined;
  /** The seal of the chain that holds it; absent for the few seconds until it is sealed. */
  seal?: number | undefined;
}

export interface EvaluateAccessRequest {
  subject: EvaluationSubject;
  action: EvaluationAction;
  resource: EvaluationResource;
}
/** What a sender of EvaluateAccessRequest gives. */
export interface EvaluateAccessRequestInput {
  subject: EvaluationSubjectInput;
  action: EvaluationActionInput;
  resource: EvaluationResourceInput;
}

export interface EvaluationSubject {
  /** "user"; of another type nobody is known. */
  type: string;
  id: string;
}
/** What a sender of EvaluationSubject gives. */
export interface EvaluationSubjectInput {
  /** "user"; of another type nobody is known. */
  type: string;
  id: string;
}

export interface EvaluationAction {
  /** As project.edit. */
  name: string;
}
/** What a sender of EvaluationAction gives. */
export interface EvaluationActionInput {
  /** As project.edit. */
  name: string;
}

export interface EvaluationResource {
  /** organisation, folder, project, board, contact, participation, metric, question, post, comment or note. */
  type: string;
  id: string;
}
/** What a sender of EvaluationResource gives. */
export interface EvaluationResourceInput {
  /** organisation, folder, project, board, contact, participation, metric, question, post, comment or note. */
  type: string;
  id: string;
}

export interface AccessDecision {
  decision: boolean;
  context?: DecisionContext | undefined;
}

export interface DecisionContext {
  reason: string;
  error?: EvaluationError | undefined;
}

/** Why one question of several could not be asked. */
export interface EvaluationError {
  status: number;
  message: string;
}

export interface EvaluateAccessesRequest {
  subject?: EvaluationSubject | undefined;
  action?: EvaluationAction | undefined;
  resource?: EvaluationResource | undefined;
  /** None: what stands beside it is the one question. */
  evaluations: AccessQuestion[];
  options?: EvaluationOptions | undefined;
}
/** What a sender of EvaluateAccessesRequest gives. */
export interface EvaluateAccessesRequestInput {
  subject?: EvaluationSubjectInput | undefined;
  action?: EvaluationActionInput | undefined;
  resource?: EvaluationResourceInput | undefined;
  /** None: what stands beside it is the one question. */
  evaluations?: AccessQuestionInput[] | undefined;
  options?: EvaluationOptionsInput | undefined;
}

export interface AccessQuestion {
  subject?: EvaluationSubject | undefined;
  action?: EvaluationAction | undefined;
  resource?: EvaluationResource | undefined;
}
/** What a sender of AccessQuestion gives. */
export interface AccessQuestionInput {
  subject?: EvaluationSubjectInput | undefined;
  action?: EvaluationActionInput | undefined;
  resource?: EvaluationResourceInput | undefined;
}

export interface EvaluationOptions {
  evaluationsSemantic: "execute_all" | "deny_on_first_deny" | "permit_on_first_permit" | "";
}
/** What a sender of EvaluationOptions gives. */
export interface EvaluationOptionsInput {
  evaluationsSemantic?: "execute_all" | "deny_on_first_deny" | "permit_on_first_permit" | undefined;
}

export interface EvaluateAccessesResponse {
  /** Of the one question, where no several were asked. */
  decision?: boolean | undefined;
  context?: DecisionContext | undefined;
  /** In the order of the questions, up to the one that decided. */
  evaluations: AccessDecision[];
}

export interface ExplainAccessRequest {
  userId: string;
  /** A line of the policy, as project.edit. */
  permission: string;
  /** What it is about: an organisation, folder, project, board, contact, participation, post … */
  scope: string;
  /** Absent: now. */
  at: string;
}
/** What a sender of ExplainAccessRequest gives. */
export interface ExplainAccessRequestInput {
  userId: string;
  /** A line of the policy, as project.edit. */
  permission: string;
  /** What it is about: an organisation, folder, project, board, contact, participation, post … */
  scope: string;
  /** Absent: now. */
  at?: string | undefined;
}

export interface AccessExplanation {
  userId: string;
  permission: string;
  /** What the permission allows, in words. */
  allowsTo: string;
  scope: string;
  at: string;
  allowed: boolean;
  /** The line of the table that lets them, in words; absent where they may not. */
  rule?: string | undefined;
  /** The fewest of their roles that are enough; none where any registered user may. */
  by: ExplainedRole[];
  /** Each a thing without which they might. */
  obstacles: AccessObstacle[];
  /** Any one of these roles would let them. */
  wouldAllow: RoleOnScope[];
  /**
   * Roles, switches, withheld rights and the places of projects are those of that time; of a record inside a project what it
   * belongs to is what it belongs to now.
   */
  recordAsOfNow: boolean;
}

export interface ExplainedRole {
  grantId: string;
  role: string;
  scope: string;
  since: string;
  /** Who gave it; shown to admins. */
  grantedBy?: string | undefined;
  expiresAt?: string | undefined;
  /** When it was taken or ended, of one that did by then. */
  endedAt?: string | undefined;
  /** What it ended with, where nobody took it and it had not come to its date. */
  endedBecause?: "project_removed" | "folder_removed" | undefined;
  /** Why it was given; shown to admins. */
  reason?: string | undefined;
  /** Why it was taken, of one that was by then; shown to admins. */
  takenReason?: string | undefined;
}

export interface AccessObstacle {
  kind: "switched_off" | "redacted" | "withheld" | "project_deleted" | "participation_not_active" | "participation_level" | "level_lowered" | "about_themselves" | "role_ended" | "account_limit" | "no_role" | "account_disabled" | "organisation_not_active";
  /** In words. */
  says: string;
  switch?: string | undefined;
  projectId?: string | undefined;
  role?: ExplainedRole | undefined;
}

export interface RoleOnScope {
  role: string;
  scope: string;
}

export interface VerifyAuditRequest {
  /** Absent: from the beginning. */
  afterSeal: number;
  /** A seal that was noted down elsewhere, and its hash: nobody who rewrites the whole chain can meet it. */
  knownSeal: number;
  knownHash: string;
}
/** What a sender of VerifyAuditRequest gives. */
export interface VerifyAuditRequestInput {
  /** Absent: from the beginning. */
  afterSeal?: number | undefined;
  /** A seal that was noted down elsewhere, and its hash: nobody who rewrites the whole chain can meet it. */
  knownSeal?: number | undefined;
  knownHash?: string | undefined;
}

/** What was found. A run reads a bounded part of a long chain; `after_seal` of the next one is `last_seal` of this. */
export interface AuditVerification {
  /** No seal that was read is broken. */
  holds: boolean;
  /** The end of the chain was reached. */
  complete: boolean;
  seals: number;
  entries: number;
  /** The last seal that holds, and its hash: worth noting down elsewhere. */
  lastSeal: number;
  lastHash: string;
  /** The first seal that does not hold. */
  brokenSeal?: number | undefined;
  fault?: "seal_missing" | "seal_changed" | "entry_missing" | "entry_changed" | "entry_unsealed" | "known_hash_differs" | undefined;
  /** The entry where the fault is, if it is in one. */
  entryId?: string | undefined;
}

export type ListSessionsRequest = Record<string, never>;
/** What a sender of ListSessionsRequest gives. */
export type ListSessionsRequestInput = Record<string, never>;

export interface ListSessionsResponse {
  items: Session[];
}

/** A log-in. */
export interface Session {
  id: string;
  /** The client: a browser at Partake's own pages, its app, or its command line. */
  client: "web" | "mobile" | "cli";
  /** As far as the browser told: "Firefox on Linux". Empty: it did not. */
  device: string;
  /** The network that the log-in came from, without its last part: enough to recognise one's own. */
  network: string;
  startedAt: string;
  /** Accurate to some minutes. */
  seenAt: string;
  /** It is the one that asks. */
  current: boolean;
}

export interface EndSessionRequest {
  sessionId: string;
}
/** What a sender of EndSessionRequest gives. */
export interface EndSessionRequestInput {
  sessionId: string;
}

export interface EndSessionsRequest {
  /** The one that asks goes on. */
  keepCurrent: boolean;
}
/** What a sender of EndSessionsRequest gives. */
export interface EndSessionsRequestInput {
  /** The one that asks goes on. */
  keepCurrent?: boolean | undefined;
}

export type ListPasskeysRequest = Record<string, never>;
/** What a sender of ListPasskeysRequest gives. */
export type ListPasskeysRequestInput = Record<string, never>;

export interface ListPasskeysResponse {
  items: Passkey[];
}

/** A key with which one's device, or the provider that copies it to one's devices, proves who one is. */
export interface Passkey {
  id: string;
  label: string;
  /** It stays on one device, or is copied to several. */
  device: "single" | "multi";
  /** Somebody keeps a copy, so that it outlives the device. */
  backedUp: boolean;
  createdAt: string;
  lastUsedAt?: string | undefined;
  version: number;
}

export type BeginPasskeyRequest = Record<string, never>;
/** What a sender of BeginPasskeyRequest gives. */
export type BeginPasskeyRequestInput = Record<string, never>;

/** PublicKeyCredentialCreationOptionsJSON (WebAuthn 3, 5.1.8): bytes are base64url. */
export interface PasskeyCreation {
  challenge: string;
  rp?: PasskeyParty | undefined;
  user?: PasskeyUser | undefined;
  pubKeyCredParams: PasskeyAlgorithm[];
  /** Milliseconds. */
  timeout: number;
  /** Those that one has: a device that holds one of them makes no second. */
  excludeCredentials: PasskeyDescriptor[];
  authenticatorSelection?: PasskeySelection | undefined;
  attestation: "none";
}

export interface PasskeyParty {
  /** The host name that passkeys are for. */
  id: string;
  name: string;
}

/** Whom the device shows with the passkey. */
export interface PasskeyUser {
  id: string;
  name: string;
  displayName: string;
}

export interface PasskeyAlgorithm {
  type: "public-key";
  /** As IANA numbers them (COSE algorithms). */
  alg: number;
}

export interface PasskeyDescriptor {
  type: "public-key";
  id: string;
  transports: string[];
}

export interface PasskeySelection {
  residentKey: "required";
  requireResidentKey: boolean;
  userVerification: "required";
}

/** What the device answered; bytes are base64url. */
export interface AddPasskeyRequest {
  id: string;
  /** What its person calls it; empty: a name is made for it. */
  label: string;
  /** `id` of the credential. */
  credentialId: string;
  /** `response.clientDataJSON`. */
  clientData: string;
  /** `response.attestationObject`. */
  attestationObject: string;
  /** `response.getTransports()`. */
  transports: string[];
}
/** What the device answered; bytes are base64url. */
export interface AddPasskeyRequestInput {
  id?: string | undefined;
  /** What its person calls it; empty: a name is made for it. */
  label?: string | undefined;
  /** `id` of the credential. */
  credentialId: string;
  /** `response.clientDataJSON`. */
  clientData: string;
  /** `response.attestationObject`. */
  attestationObject: string;
  /** `response.getTransports()`. */
  transports?: string[] | undefined;
}

export interface RenamePasskeyRequest {
  passkeyId: string;
  label: string;
}
/** What a sender of RenamePasskeyRequest gives. */
export interface RenamePasskeyRequestInput {
  passkeyId: string;
  label: string;
}

export interface RemovePasskeyRequest {
  passkeyId: string;
}
/** What a sender of RemovePasskeyRequest gives. */
export interface RemovePasskeyRequestInput {
  passkeyId: string;
}

export interface ChangeEmailRequest {
  id: string;
  email: string;
}
/** What a sender of ChangeEmailRequest gives. */
export interface ChangeEmailRequestInput {
  id?: string | undefined;
  email: string;
}

/** A change of address that waits for its code. */
export interface EmailChange {
  id: string;
  expiresAt: string;
}

export interface ConfirmEmailChangeRequest {
  emailChangeId: string;
  code: string;
}
/** What a sender of ConfirmEmailChangeRequest gives. */
export interface ConfirmEmailChangeRequestInput {
  emailChangeId: string;
  code: string;
}

export interface CloseAccountRequest {
  /** The account's address once more, so that none is closed by mistake; empty where it has none. */
  email: string;
}
/** What a sender of CloseAccountRequest gives. */
export interface CloseAccountRequestInput {
  /** The account's address once more, so that none is closed by mistake; empty where it has none. */
  email?: string | undefined;
}

export interface SuspendOrganisationRequest {
  organisationId: string;
}
/** What a sender of SuspendOrganisationRequest gives. */
export interface SuspendOrganisationRequestInput {
  organisationId: string;
}

export interface ResumeOrganisationRequest {
  organisationId: string;
}
/** What a sender of ResumeOrganisationRequest gives. */
export interface ResumeOrganisationRequestInput {
  organisationId: string;
}

export interface CloseOrganisationRequest {
  organisationId: string;
  /** The organisation's name once more, so that none is closed by mistake. */
  name: string;
}
/** What a sender of CloseOrganisationRequest gives. */
export interface CloseOrganisationRequestInput {
  organisationId: string;
  /** The organisation's name once more, so that none is closed by mistake. */
  name: string;
}

export interface ExportOrganisationRequest {
  organisationId: string;
  id: string;
}
/** What a sender of ExportOrganisationRequest gives. */
export interface ExportOrganisationRequestInput {
  organisationId: string;
  id?: string | undefined;
}

/** An export that an operator opened for an organisation's admins. */
export interface OrganisationExport {
  id: string;
  organisationId: string;
  openedAt: string;
  expiresAt: string;
}

export interface ListOrganisationExportsRequest {
  limit: number;
  cursor: string;
}
/** What a sender of ListOrganisationExportsRequest gives. */
export interface ListOrganisationExportsRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListOrganisationExportsResponse {
  items: OrganisationExport[];
  nextCursor: string;
}

export interface ReadOrganisationExportRequest {
  exportId: string;
  cursor: string;
}
/** What a sender of ReadOrganisationExportRequest gives. */
export interface ReadOrganisationExportRequestInput {
  exportId: string;
  cursor?: string | undefined;
}

export interface ReadOrganisationExportResponse {
  /** Each a JSON object on its own line when they are joined by line ends. */
  lines: string[];
  nextCursor: string;
}

/** An account of another system. Its id is its client_id, and the subject of its tokens. */
export interface ServiceAccount {
  id: string;
  organisationId: string;
  name: string;
  method: "client_secret" | "private_key_jwt";
  roles: ServiceAccountRole[];
  enabled: boolean;
  /** The admin who made it, to whose present rights it is held. */
  creatorId: string;
  createdAt: string;
  /** When it ends by itself; absent: never. */
  expiresAt?: string | undefined;
  /** When a credential of it last got a token; accurate to a minute. Absent: never. */
  lastUsedAt?: string | undefined;
  credentials: ServiceAccountCredential[];
  version: number;
}

/** A role that a service account holds. */
export interface ServiceAccountRole {
  role: "admin" | "creator" | "member" | "manager" | "reporter" | "observer";
  /** The project that it is held on; absent: the organisation. */
  projectId?: string | undefined;
}
/** A role that a service account holds. */
export interface ServiceAccountRoleInput {
  role: "admin" | "creator" | "member" | "manager" | "reporter" | "observer";
  /** The project that it is held on; absent: the organisation. */
  projectId?: string | undefined;
}

/** What is shown of a credential: nothing that would let anybody in. */
export interface ServiceAccountCredential {
  id: string;
  createdAt: string;
  expiresAt?: string | undefined;
  lastUsedAt?: string | undefined;
  /** Of a public key: its thumbprint (RFC 7638). */
  thumbprint?: string | undefined;
}

export interface CreateServiceAccountRequest {
  id: string;
  name: string;
  /**
   * How it proves itself: with a secret (client_secret_basic or client_secret_post), or with a key of its own (RFC 7523), which
   * never leaves it.
   */
  method: "client_secret" | "private_key_jwt";
  roles: ServiceAccountRole[];
  expiresAt?: string | undefined;
}
/** What a sender of CreateServiceAccountRequest gives. */
export interface CreateServiceAccountRequestInput {
  id?: string | undefined;
  name: string;
  /**
   * How it proves itself: with a secret (client_secret_basic or client_secret_post), or with a key of its own (RFC 7523), which
   * never leaves it.
   */
  method: "client_secret" | "private_key_jwt";
  roles: ServiceAccountRoleInput[];
  expiresAt?: string | undefined;
}

export interface ListServiceAccountsRequest {
  limit: number;
  cursor: string;
}
/** What a sender of ListServiceAccountsRequest gives. */
export interface ListServiceAccountsRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListServiceAccountsResponse {
  items: ServiceAccount[];
  nextCursor: string;
}

export interface UpdateServiceAccountRequest {
  serviceAccountId: string;
  name?: string | undefined;
  enabled?: boolean | undefined;
  /** Absent: unchanged. */
  roles?: ServiceAccountRoles | undefined;
}
/** What a sender of UpdateServiceAccountRequest gives. */
export interface UpdateServiceAccountRequestInput {
  serviceAccountId: string;
  name?: string | undefined;
  enabled?: boolean | undefined;
  /** Absent: unchanged. */
  roles?: ServiceAccountRolesInput | undefined;
}

export interface ServiceAccountRoles {
  items: ServiceAccountRole[];
}
/** What a sender of ServiceAccountRoles gives. */
export interface ServiceAccountRolesInput {
  items: ServiceAccountRoleInput[];
}

export interface RevokeServiceAccountRequest {
  serviceAccountId: string;
}
/** What a sender of RevokeServiceAccountRequest gives. */
export interface RevokeServiceAccountRequestInput {
  serviceAccountId: string;
}

export interface AddServiceAccountCredentialRequest {
  serviceAccountId: string;
  id: string;
  /** For private_key_jwt: the public key, as a JWK or as PEM (SPKI). RSA of 2048 bits or more, P-256 or Ed25519. */
  publicKey?: string | undefined;
  expiresAt?: string | undefined;
}
/** What a sender of AddServiceAccountCredentialRequest gives. */
export interface AddServiceAccountCredentialRequestInput {
  serviceAccountId: string;
  id?: string | undefined;
  /** For private_key_jwt: the public key, as a JWK or as PEM (SPKI). RSA of 2048 bits or more, P-256 or Ed25519. */
  publicKey?: string | undefined;
  expiresAt?: string | undefined;
}

export interface AddedServiceAccountCredential {
  credential?: ServiceAccountCredential | undefined;
  /** Of client_secret alone; shown only here. */
  clientSecret?: string | undefined;
}

export interface RemoveServiceAccountCredentialRequest {
  serviceAccountId: string;
  credentialId: string;
}
/** What a sender of RemoveServiceAccountCredentialRequest gives. */
export interface RemoveServiceAccountCredentialRequestInput {
  serviceAccountId: string;
  credentialId: string;
}

export interface ListProjectServiceAccountsRequest {
  projectId: string;
}
/** What a sender of ListProjectServiceAccountsRequest gives. */
export interface ListProjectServiceAccountsRequestInput {
  projectId: string;
}

export interface ListProjectServiceAccountsResponse {
  items: ProjectServiceAccount[];
}

export interface ProjectServiceAccount {
  id: string;
  name: string;
  consented: boolean;
}

export interface ConsentToServiceAccountRequest {
  projectId: string;
  serviceAccountId: string;
}
/** What a sender of ConsentToServiceAccountRequest gives. */
export interface ConsentToServiceAccountRequestInput {
  projectId: string;
  serviceAccountId: string;
}

export interface WithdrawServiceAccountConsentRequest {
  projectId: string;
  serviceAccountId: string;
}
/** What a sender of WithdrawServiceAccountConsentRequest gives. */
export interface WithdrawServiceAccountConsentRequestInput {
  projectId: string;
  serviceAccountId: string;
}

export interface ReserveAccountRequest {
  participationId: string;
  organisationId: string;
  projectId: string;
  contactId: string;
  /** Empty where the invitation is printed: it is bound to no address. */
  email: string;
  name: string;
  /** Who enrols. */
  actorId: string;
  /** Absent: by e-mail. */
  inviteBy?: "email" | "printed" | undefined;
}
/** What a sender of ReserveAccountRequest gives. */
export interface ReserveAccountRequestInput {
  participationId: string;
  organisationId: string;
  projectId: string;
  contactId: string;
  /** Empty where the invitation is printed: it is bound to no address. */
  email?: string | undefined;
  name: string;
  /** Who enrols. */
  actorId: string;
  /** Absent: by e-mail. */
  inviteBy?: "email" | "printed" | undefined;
}

export interface ReserveAccountResponse {
  /** Of the invitation that will be sent. */
  invitationId: string;
}

export interface InviteParticipantRequest {
  participationId: string;
  projectTitle: string;
}
/** What a sender of InviteParticipantRequest gives. */
export interface InviteParticipantRequestInput {
  participationId: string;
  projectTitle?: string | undefined;
}

export interface RenewParticipantInvitationRequest {
  participationId: string;
  /** Who sends it again, and answers for it from now on. */
  actorId: string;
}
/** What a sender of RenewParticipantInvitationRequest gives. */
export interface RenewParticipantInvitationRequestInput {
  participationId: string;
  /** Who sends it again, and answers for it from now on. */
  actorId: string;
}

export interface ReleaseAccountRequest {
  participationId: string;
}
/** What a sender of ReleaseAccountRequest gives. */
export interface ReleaseAccountRequestInput {
  participationId: string;
}

export interface PutParticipantRoleRequest {
  organisationId: string;
  userId: string;
  projectId: string;
  participant: Participant;
  /** The participation's version: an older one changes nothing. */
  version: number;
}
/** What a sender of PutParticipantRoleRequest gives. */
export interface PutParticipantRoleRequestInput {
  organisationId: string;
  userId: string;
  projectId: string;
  participant: ParticipantInput;
  /** The participation's version: an older one changes nothing. */
  version?: number | undefined;
}

export interface GiveCreatorRoleRequest {
  organisationId: string;
  userId: string;
  role: "manager" | "board_admin" | "contact_updates";
  scope: string;
  projectId?: string | undefined;
}
/** What a sender of GiveCreatorRoleRequest gives. */
export interface GiveCreatorRoleRequestInput {
  organisationId: string;
  userId: string;
  role: "manager" | "board_admin" | "contact_updates";
  scope: string;
  projectId?: string | undefined;
}

export interface ReadOrganisationRequest {
  organisationId: string;
}
/** What a sender of ReadOrganisationRequest gives. */
export interface ReadOrganisationRequestInput {
  organisationId: string;
}

export interface ReadOrganisationResponse {
  /** Absent: there is no such organisation. */
  state?: "active" | "suspended" | "closed" | undefined;
  visitorsSeeProjects: boolean;
  /** Not newer than the state told here; events with a higher one count. */
  version: number;
}

export interface ReadGrantsRequest {
  organisationId: string;
  userId: string;
}
/** What a sender of ReadGrantsRequest gives. */
export interface ReadGrantsRequestInput {
  organisationId: string;
  userId: string;
}

export interface ReadGrantsResponse {
  grants: Grant[];
  /** The organisation's version that this answer holds at. */
  version: number;
  /** The person may log in and the organisation is active. */
  enabled: boolean;
  switches?: Switches | undefined;
  /** Projects for which the right derived from the folder does not count. */
  withheld: WithheldRight[];
  /** Log-ins that ended while access tokens of them may still be about. */
  endedSessionIds: string[];
  /** Of a service account: the admin who made it, to whose rights it is held. */
  creatorId?: string | undefined;
}

export interface ReadUsersRequest {
  userIds: string[];
}
/** What a sender of ReadUsersRequest gives. */
export interface ReadUsersRequestInput {
  userIds: string[];
}

export interface ReadUsersResponse {
  items: UserAddress[];
}

export interface ReadAdminsRequest {
  organisationId: string;
  cursor: string;
}
/** What a sender of ReadAdminsRequest gives. */
export interface ReadAdminsRequestInput {
  organisationId: string;
  cursor?: string | undefined;
}

export interface ReadAdminsResponse {
  items: UserAddress[];
  nextCursor: string;
}

export interface UserAddress {
  userId: string;
  name: string;
  email: string;
  language: string;
}

export interface Notification {
  id: string;
  kind: "post" | "comment" | "reply" | "deletion_requested" | "deletion_declined" | "deletion_granted";
  projectId?: string | undefined;
  contactId?: string | undefined;
  /** Empty where it is about a request to delete a project. */
  postId: string;
  read: boolean;
  createdAt: string;
  version: number;
  /** Of a request to delete a project, and of its answer. (R17) */
  deletionRequestId?: string | undefined;
}

export interface ListMyNotificationsRequest {
  limit: number;
  cursor: string;
}
/** What a sender of ListMyNotificationsRequest gives. */
export interface ListMyNotificationsRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListMyNotificationsResponse {
  items: Notification[];
  nextCursor: string;
}

export interface MarkNotificationReadRequest {
  notificationId: string;
}
/** What a sender of MarkNotificationReadRequest gives. */
export interface MarkNotificationReadRequestInput {
  notificationId: string;
}

export interface SendMailRequest {
  id: string;
  to: string;
  template: "login_code" | "colleague_invitation" | "participant_invitation" | "comment_notice" | "redaction_ending" | "email_change_code" | "email_changed" | "passkey_added" | "passkey_removed" | "deletion_requested";
  language: string;
  /**
   * What the template needs, by name. login_code and email_change_code: code. The others: link, an address of this platform; the invitations and
   * redaction_ending also take organisation, its name, and that of a colleague sender, who invites.
   */
  values: Record<string, string>;
  /** Not sent any more after this time. */
  expiresAt?: string | undefined;
}
/** What a sender of SendMailRequest gives. */
export interface SendMailRequestInput {
  id: string;
  to: string;
  template: "login_code" | "colleague_invitation" | "participant_invitation" | "comment_notice" | "redaction_ending" | "email_change_code" | "email_changed" | "passkey_added" | "passkey_removed" | "deletion_requested";
  language?: string | undefined;
  /**
   * What the template needs, by name. login_code and email_change_code: code. The others: link, an address of this platform; the invitations and
   * redaction_ending also take organisation, its name, and that of a colleague sender, who invites.
   */
  values?: Record<string, string> | undefined;
  /** Not sent any more after this time. */
  expiresAt?: string | undefined;
}

export interface Metric {
  id: string;
  projectId: string;
  title: string;
  kind: "number" | "percentage" | "currency" | "duration" | "yes_no";
  /** Of a number: what is counted; of a currency: its ISO 4217 code; of a duration: minutes, hours or days. */
  unit: string;
  baseline?: number | undefined;
  target?: number | undefined;
  milestones: Milestone[];
  /** Its values go out on the public topic. Off unless an organisation turns it on. */
  published: boolean;
  version: number;
}

export interface Milestone {
  title: string;
  value: number;
}
/** What a sender of Milestone gives. */
export interface MilestoneInput {
  title: string;
  value?: number | undefined;
}

export interface CreateMetricRequest {
  projectId: string;
  id: string;
  title: string;
  kind: "number" | "percentage" | "currency" | "duration" | "yes_no";
  unit: string;
  baseline?: number | undefined;
  target?: number | undefined;
  milestones: Milestone[];
  published: boolean;
}
/** What a sender of CreateMetricRequest gives. */
export interface CreateMetricRequestInput {
  projectId: string;
  id?: string | undefined;
  title: string;
  kind: "number" | "percentage" | "currency" | "duration" | "yes_no";
  unit?: string | undefined;
  baseline?: number | undefined;
  target?: number | undefined;
  milestones?: MilestoneInput[] | undefined;
  published?: boolean | undefined;
}

export interface ListMetricsRequest {
  projectId: string;
}
/** What a sender of ListMetricsRequest gives. */
export interface ListMetricsRequestInput {
  projectId: string;
}

export interface ListMetricsResponse {
  items: Metric[];
}

export interface Question {
  id: string;
  projectId: string;
  text: string;
  help: string;
  kind: "single_choice" | "multiple_choice" | "scale" | "number" | "text" | "date" | "file";
  choices: string[];
  scale?: Scale | undefined;
  required: boolean;
  published: boolean;
  version: number;
}

/** A scale from minimum to maximum in whole steps, with the words at its ends. */
export interface Scale {
  minimum: number;
  maximum: number;
  minimumLabel: string;
  maximumLabel: string;
}
/** A scale from minimum to maximum in whole steps, with the words at its ends. */
export interface ScaleInput {
  minimum?: number | undefined;
  maximum?: number | undefined;
  minimumLabel?: string | undefined;
  maximumLabel?: string | undefined;
}

export interface CreateQuestionRequest {
  projectId: string;
  id: string;
  text: string;
  help: string;
  kind: "single_choice" | "multiple_choice" | "scale" | "number" | "text" | "date" | "file";
  choices: string[];
  scale?: Scale | undefined;
  required: boolean;
  published: boolean;
}
/** What a sender of CreateQuestionRequest gives. */
export interface CreateQuestionRequestInput {
  projectId: string;
  id?: string | undefined;
  text: string;
  help?: string | undefined;
  kind: "single_choice" | "multiple_choice" | "scale" | "number" | "text" | "date" | "file";
  choices?: string[] | undefined;
  scale?: ScaleInput | undefined;
  required?: boolean | undefined;
  published?: boolean | undefined;
}

export interface ListQuestionsRequest {
  projectId: string;
}
/** What a sender of ListQuestionsRequest gives. */
export interface ListQuestionsRequestInput {
  projectId: string;
}

export interface ListQuestionsResponse {
  items: Question[];
}

/** A progress board. A managed one enrols its contacts as participants. */
export interface Board {
  id: string;
  projectId: string;
  title: string;
  managed: boolean;
  cards: Card[];
  version: number;
}

/** A question card: asks about one question or one metric of the project. */
export interface Card {
  /** A qst_ or met_ id. */
  subjectId: string;
  cadence: "once" | "daily" | "weekly" | "monthly" | "";
}
/** A question card: asks about one question or one metric of the project. */
export interface CardInput {
  /** A qst_ or met_ id. */
  subjectId: string;
  cadence?: "once" | "daily" | "weekly" | "monthly" | undefined;
}

export interface CreateBoardRequest {
  projectId: string;
  id: string;
  title: string;
  managed: boolean;
  cards: Card[];
}
/** What a sender of CreateBoardRequest gives. */
export interface CreateBoardRequestInput {
  projectId: string;
  id?: string | undefined;
  title: string;
  managed?: boolean | undefined;
  cards?: CardInput[] | undefined;
}

export interface GetBoardRequest {
  boardId: string;
}
/** What a sender of GetBoardRequest gives. */
export interface GetBoardRequestInput {
  boardId: string;
}

export interface ListBoardsRequest {
  projectId: string;
  limit: number;
  cursor: string;
}
/** What a sender of ListBoardsRequest gives. */
export interface ListBoardsRequestInput {
  projectId: string;
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListBoardsResponse {
  items: Board[];
  nextCursor: string;
}

export interface UpdateBoardRequest {
  boardId: string;
  title?: string | undefined;
  /** Absent: unchanged. */
  cards?: Cards | undefined;
}
/** What a sender of UpdateBoardRequest gives. */
export interface UpdateBoardRequestInput {
  boardId: string;
  title?: string | undefined;
  /** Absent: unchanged. */
  cards?: CardsInput | undefined;
}

export interface Cards {
  items: Card[];
}
/** What a sender of Cards gives. */
export interface CardsInput {
  items?: CardInput[] | undefined;
}

/** Something that a participant logged, or staff on their behalf. */
export interface Post {
  id: string;
  projectId: string;
  participationId: string;
  contactId: string;
  kind: "answer" | "story" | "tip";
  /** Of an answer: the question or metric that it answers. */
  subjectId?: string | undefined;
  value?: Value | undefined;
  narrative: string;
  files: File[];
  /** Who wrote it: the participant, or staff on their behalf. */
  author?: Author | undefined;
  /** When it was true, and when it arrived. */
  recordedAt: string;
  createdAt: string;
  commentCount: number;
  version: number;
  /** Of an answer: what the question or metric that it answers is called now. */
  subjectTitle?: string | undefined;
}

export interface Author {
  userId: string;
  name: string;
  part: "participant" | "staff";
}

/** The value of an answer: exactly the member that the question's or metric's kind asks for. */
export interface Value {
  number?: number | undefined;
  text?: string | undefined;
  date?: string | undefined;
  choices: string[];
  yes?: boolean | undefined;
}
/** The value of an answer: exactly the member that the question's or metric's kind asks for. */
export interface ValueInput {
  number?: number | undefined;
  text?: string | undefined;
  date?: string | undefined;
  choices?: string[] | undefined;
  yes?: boolean | undefined;
}

export interface CreatePostRequest {
  id: string;
  participationId: string;
  kind: "answer" | "story" | "tip";
  subjectId?: string | undefined;
  value?: Value | undefined;
  narrative: string;
  fileIds: string[];
  /** When it was true: at most ten years back, not in the future. Absent: now. */
  recordedAt?: string | undefined;
}
/** What a sender of CreatePostRequest gives. */
export interface CreatePostRequestInput {
  id?: string | undefined;
  participationId: string;
  kind: "answer" | "story" | "tip";
  subjectId?: string | undefined;
  value?: ValueInput | undefined;
  narrative?: string | undefined;
  fileIds?: string[] | undefined;
  /** When it was true: at most ten years back, not in the future. Absent: now. */
  recordedAt?: string | undefined;
}

export interface GetPostRequest {
  postId: string;
}
/** What a sender of GetPostRequest gives. */
export interface GetPostRequestInput {
  postId: string;
}

export interface Comment {
  id: string;
  postId: string;
  replyTo?: string | undefined;
  text: string;
  author?: Author | undefined;
  createdAt: string;
  version: number;
}

export interface CreateCommentRequest {
  postId: string;
  id: string;
  replyTo?: string | undefined;
  text: string;
}
/** What a sender of CreateCommentRequest gives. */
export interface CreateCommentRequestInput {
  postId: string;
  id?: string | undefined;
  replyTo?: string | undefined;
  text: string;
}

export interface ListCommentsRequest {
  postId: string;
  limit: number;
  cursor: string;
}
/** What a sender of ListCommentsRequest gives. */
export interface ListCommentsRequestInput {
  postId: string;
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListCommentsResponse {
  items: Comment[];
  nextCursor: string;
}

export interface CreateNoteRequest {
  contactId: string;
  id: string;
  kind: "case_note" | "staff_post";
  /** The project that it belongs to: then only that project's team and admins see it. */
  projectId?: string | undefined;
  text: string;
}
/** What a sender of CreateNoteRequest gives. */
export interface CreateNoteRequestInput {
  contactId: string;
  id?: string | undefined;
  kind: "case_note" | "staff_post";
  /** The project that it belongs to: then only that project's team and admins see it. */
  projectId?: string | undefined;
  text: string;
}

/** One entry of a contact's timeline: a post with its content, a note, or a comment. */
export interface TimelineEntry {
  id: string;
  kind: "answer" | "story" | "tip" | "comment" | "case_note" | "staff_post";
  projectId?: string | undefined;
  post?: Post | undefined;
  comment?: Comment | undefined;
  note?: Note | undefined;
  recordedAt: string;
}

export interface Note {
  id: string;
  contactId: string;
  text: string;
  author?: Author | undefined;
  createdAt: string;
  version: number;
}

export interface ListTimelineRequest {
  contactId: string;
  limit: number;
  cursor: string;
}
/** What a sender of ListTimelineRequest gives. */
export interface ListTimelineRequestInput {
  contactId: string;
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListTimelineResponse {
  items: TimelineEntry[];
  nextCursor: string;
}

export interface GetMyBoardRequest {
  participationId: string;
}
/** What a sender of GetMyBoardRequest gives. */
export interface GetMyBoardRequestInput {
  participationId: string;
}

export interface MyBoard {
  boardId: string;
  title: string;
  cards: MyCard[];
}

export interface MyCard {
  card?: Card | undefined;
  /** Exactly one of them. */
  question?: Question | undefined;
  metric?: Metric | undefined;
  newestAnswer?: Post | undefined;
  /** Whether an answer is due now. */
  open: boolean;
}

export interface GetMyChartRequest {
  participationId: string;
  subjectId: string;
}
/** What a sender of GetMyChartRequest gives. */
export interface GetMyChartRequestInput {
  participationId: string;
  subjectId: string;
}

export interface Chart {
  subjectId: string;
  title: string;
  unit: string;
  /** Oldest first, at most the newest 1,000. */
  points: Point[];
  baseline?: number | undefined;
  target?: number | undefined;
  milestones: MilestoneReached[];
}

export interface Point {
  postId: string;
  recordedAt: string;
  value?: Value | undefined;
}

export interface MilestoneReached {
  title: string;
  value: number;
  reachedAt?: string | undefined;
}

export interface ListMyNewsfeedRequest {
  limit: number;
  cursor: string;
}
/** What a sender of ListMyNewsfeedRequest gives. */
export interface ListMyNewsfeedRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListMyNewsfeedResponse {
  items: NewsfeedItem[];
  nextCursor: string;
}

export interface NewsfeedItem {
  kind: "answer" | "story" | "tip" | "comment";
  post?: Post | undefined;
  comment?: Comment | undefined;
  recordedAt: string;
}

export interface File {
  id: string;
  projectId: string;
  name: string;
  mediaType: string;
  /** Bytes. */
  size: number;
  sha256: string;
  state: "announced" | "stored";
  version: number;
}

export interface CreateFileRequest {
  id: string;
  participationId: string;
  name: string;
  mediaType: string;
}
/** What a sender of CreateFileRequest gives. */
export interface CreateFileRequestInput {
  id?: string | undefined;
  participationId: string;
  name: string;
  mediaType: string;
}

export interface CompleteFileRequest {
  fileId: string;
  size: number;
  sha256: string;
}
/** What a sender of CompleteFileRequest gives. */
export interface CompleteFileRequestInput {
  fileId: string;
  size?: number | undefined;
  sha256: string;
}

export interface GetFileRequest {
  fileId: string;
}
/** What a sender of GetFileRequest gives. */
export interface GetFileRequestInput {
  fileId: string;
}

export interface AddToBoardRequest {
  participationId: string;
  organisationId: string;
  projectId: string;
  boardId: string;
  contactId: string;
  /** Stands for the person on public topics. (X1) */
  pseudonym: string;
}
/** What a sender of AddToBoardRequest gives. */
export interface AddToBoardRequestInput {
  participationId: string;
  organisationId: string;
  projectId: string;
  boardId: string;
  contactId: string;
  /** Stands for the person on public topics. (X1) */
  pseudonym: string;
}

export interface RemoveFromBoardRequest {
  participationId: string;
}
/** What a sender of RemoveFromBoardRequest gives. */
export interface RemoveFromBoardRequestInput {
  participationId: string;
}

export interface Folder {
  id: string;
  organisationId: string;
  title: string;
  description: string;
  /** Position among the organisation's folders, ascending; of those with the same one, the order of the list says. */
  position: number;
  status: "active" | "archived";
  /** Grows with every change; the ETag. */
  version: number;
  createdAt: string;
  /** Its picture. */
  imageId?: string | undefined;
}

export interface CreateFolderRequest {
  /** Made by the client, or else by the gateway; the same id again is the same folder. */
  id: string;
  title: string;
  description: string;
  position: number;
}
/** What a sender of CreateFolderRequest gives. */
export interface CreateFolderRequestInput {
  /** Made by the client, or else by the gateway; the same id again is the same folder. */
  id?: string | undefined;
  title: string;
  description?: string | undefined;
  position?: number | undefined;
}

export interface GetFolderRequest {
  folderId: string;
}
/** What a sender of GetFolderRequest gives. */
export interface GetFolderRequestInput {
  folderId: string;
}

export interface ListFoldersRequest {
  limit: number;
  cursor: string;
  status?: "active" | "archived" | undefined;
  /** Beginnings of words of the title, in any order. */
  title?: string | undefined;
}
/** What a sender of ListFoldersRequest gives. */
export interface ListFoldersRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
  status?: "active" | "archived" | undefined;
  /** Beginnings of words of the title, in any order. */
  title?: string | undefined;
}

export interface ListFoldersResponse {
  items: Folder[];
  nextCursor: string;
}

export interface UpdateFolderRequest {
  folderId: string;
  title?: string | undefined;
  description?: string | undefined;
  position?: number | undefined;
  status?: "active" | "archived" | undefined;
}
/** What a sender of UpdateFolderRequest gives. */
export interface UpdateFolderRequestInput {
  folderId: string;
  title?: string | undefined;
  description?: string | undefined;
  position?: number | undefined;
  status?: "active" | "archived" | undefined;
}

export interface PlaceFolderRequest {
  folderId: string;
  /** Absent: before all others. */
  afterFolderId?: string | undefined;
}
/** What a sender of PlaceFolderRequest gives. */
export interface PlaceFolderRequestInput {
  folderId: string;
  /** Absent: before all others. */
  afterFolderId?: string | undefined;
}

export interface DeleteFolderRequest {
  folderId: string;
}
/** What a sender of DeleteFolderRequest gives. */
export interface DeleteFolderRequestInput {
  folderId: string;
}

export interface RestoreFolderRequest {
  folderId: string;
}
/** What a sender of RestoreFolderRequest gives. */
export interface RestoreFolderRequestInput {
  folderId: string;
}

export interface ListDeletedFoldersRequest {
  limit: number;
  cursor: string;
}
/** What a sender of ListDeletedFoldersRequest gives. */
export interface ListDeletedFoldersRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListDeletedFoldersResponse {
  items: DeletedFolder[];
  nextCursor: string;
}

export interface DeletedFolder {
  id: string;
  title: string;
  deletedAt: string;
  /** From then on it cannot be restored any more. */
  restorableUntil: string;
}

export interface Project {
  id: string;
  organisationId: string;
  folderId?: string | undefined;
  title: string;
  description: string;
  status: "draft" | "published" | "archived";
  visibility: "public" | "registered" | "groups" | "people";
  startsOn?: string | undefined;
  endsOn?: string | undefined;
  version: number;
  createdAt: string;
  /** Its picture. */
  imageId?: string | undefined;
  /** Whether the caller follows it. (P7) */
  followed: boolean;
}

export interface CreateProjectRequest {
  id: string;
  folderId?: string | undefined;
  title: string;
  description: string;
  /** A new project is a draft unless it says otherwise. */
  status?: "draft" | "published" | undefined;
  /** Seen by its own people unless it says otherwise. */
  visibility?: "public" | "registered" | "groups" | "people" | undefined;
  startsOn?: string | undefined;
  endsOn?: string | undefined;
}
/** What a sender of CreateProjectRequest gives. */
export interface CreateProjectRequestInput {
  id?: string | undefined;
  folderId?: string | undefined;
  title: string;
  description?: string | undefined;
  /** A new project is a draft unless it says otherwise. */
  status?: "draft" | "published" | undefined;
  /** Seen by its own people unless it says otherwise. */
  visibility?: "public" | "registered" | "groups" | "people" | undefined;
  startsOn?: string | undefined;
  endsOn?: string | undefined;
}

export interface GetProjectRequest {
  projectId: string;
}
/** What a sender of GetProjectRequest gives. */
export interface GetProjectRequestInput {
  projectId: string;
}

export interface ListProjectsRequest {
  limit: number;
  cursor: string;
  folderId?: string | undefined;
  status?: "draft" | "published" | "archived" | undefined;
  /** Only what is in no folder. */
  outsideFolders?: boolean | undefined;
  /** Only what the caller follows. (P7) */
  followed?: boolean | undefined;
  /** Beginnings of words of the title, in any order. */
  title?: string | undefined;
  /** Absent: newest. */
  sort?: "newest" | "place" | "title" | undefined;
}
/** What a sender of ListProjectsRequest gives. */
export interface ListProjectsRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
  folderId?: string | undefined;
  status?: "draft" | "published" | "archived" | undefined;
  /** Only what is in no folder. */
  outsideFolders?: boolean | undefined;
  /** Only what the caller follows. (P7) */
  followed?: boolean | undefined;
  /** Beginnings of words of the title, in any order. */
  title?: string | undefined;
  /** Absent: newest. */
  sort?: "newest" | "place" | "title" | undefined;
}

export interface ListProjectsResponse {
  items: Project[];
  nextCursor: string;
}

export interface UpdateProjectRequest {
  projectId: string;
  title?: string | undefined;
  description?: string | undefined;
  status?: "draft" | "published" | "archived" | undefined;
  visibility?: "public" | "registered" | "groups" | "people" | undefined;
  startsOn?: string | undefined;
  endsOn?: string | undefined;
  /** Dates that it has no longer. */
  clear: ("startsOn" | "endsOn")[];
}
/** What a sender of UpdateProjectRequest gives. */
export interface UpdateProjectRequestInput {
  projectId: string;
  title?: string | undefined;
  description?: string | undefined;
  status?: "draft" | "published" | "archived" | undefined;
  visibility?: "public" | "registered" | "groups" | "people" | undefined;
  startsOn?: string | undefined;
  endsOn?: string | undefined;
  /** Dates that it has no longer. */
  clear?: ("startsOn" | "endsOn")[] | undefined;
}

export interface MoveProjectRequest {
  projectId: string;
  /** Absent: out of any folder. */
  folderId?: string | undefined;
}
/** What a sender of MoveProjectRequest gives. */
export interface MoveProjectRequestInput {
  projectId: string;
  /** Absent: out of any folder. */
  folderId?: string | undefined;
}

export interface PlaceProjectRequest {
  projectId: string;
  /** Absent: before all others of its folder. */
  afterProjectId?: string | undefined;
}
/** What a sender of PlaceProjectRequest gives. */
export interface PlaceProjectRequestInput {
  projectId: string;
  /** Absent: before all others of its folder. */
  afterProjectId?: string | undefined;
}

export interface DeleteProjectRequest {
  projectId: string;
}
/** What a sender of DeleteProjectRequest gives. */
export interface DeleteProjectRequestInput {
  projectId: string;
}

export interface RestoreProjectRequest {
  projectId: string;
}
/** What a sender of RestoreProjectRequest gives. */
export interface RestoreProjectRequestInput {
  projectId: string;
}

export interface ListDeletedProjectsRequest {
  limit: number;
  cursor: string;
}
/** What a sender of ListDeletedProjectsRequest gives. */
export interface ListDeletedProjectsRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
}

export interface ListDeletedProjectsResponse {
  items: DeletedProject[];
  nextCursor: string;
}

export interface DeletedProject {
  id: string;
  folderId?: string | undefined;
  title: string;
  deletedAt: string;
  /** From then on it cannot be restored any more. */
  restorableUntil: string;
}

export interface DeletionRequest {
  id: string;
  projectId: string;
  /** A deleted project granted it. */
  state: "open" | "withdrawn" | "declined" | "granted";
  /** Why, in the words of who asks. */
  reason: string;
  requestedBy: string;
  /** Empty while names are not to be had. */
  requesterName: string;
  requestedAt: string;
  answeredBy?: string | undefined;
  answeredAt?: string | undefined;
  /** What an admin who declines says to it. */
  answer?: string | undefined;
  version: number;
}

export interface CreateDeletionRequestRequest {
  id: string;
  projectId: string;
  reason: string;
}
/** What a sender of CreateDeletionRequestRequest gives. */
export interface CreateDeletionRequestRequestInput {
  id?: string | undefined;
  projectId: string;
  reason: string;
}

export interface GetDeletionRequestRequest {
  deletionRequestId: string;
}
/** What a sender of GetDeletionRequestRequest gives. */
export interface GetDeletionRequestRequestInput {
  deletionRequestId: string;
}

export interface ListDeletionRequestsRequest {
  limit: number;
  cursor: string;
  state?: "open" | "withdrawn" | "declined" | "granted" | undefined;
}
/** What a sender of ListDeletionRequestsRequest gives. */
export interface ListDeletionRequestsRequestInput {
  limit?: number | undefined;
  cursor?: string | undefined;
  state?: "open" | "withdrawn" | "declined" | "granted" | undefined;
}

export interface ListDeletionRequestsResponse {
  items: DeletionRequest[];
  nextCursor: string;
}

export interface WithdrawDeletionRequestRequest {
  deletionRequestId: string;
}
/** What a sender of WithdrawDeletionRequestRequest gives. */
export interface WithdrawDeletionRequestRequestInput {
  deletionRequestId: string;
}

export interface DeclineDeletionRequestRequest {
  deletionRequestId: string;
  answer?: string | undefined;
}
/** What a sender of DeclineDeletionRequestRequest gives. */
export interface DeclineDeletionRequestRequestInput {
  deletionRequestId: string;
  answer?: string | undefined;
}

export interface FollowProjectRequest {
  projectId: string;
}
/** What a sender of FollowProjectRequest gives. */
export interface FollowProjectRequestInput {
  projectId: string;
}

export interface UnfollowProjectRequest {
  projectId: string;
}
/** What a sender of UnfollowProjectRequest gives. */
export interface UnfollowProjectRequestInput {
  projectId: string;
}

/** Whether the caller follows a project. */
export interface ProjectFollow {
  projectId: string;
  followed: boolean;
}

export interface ListPublicProjectsRequest {
  organisationId: string;
  limit: number;
  cursor: string;
  folderId?: string | undefined;
}
/** What a sender of ListPublicProjectsRequest gives. */
export interface ListPublicProjectsRequestInput {
  organisationId: string;
  limit?: number | undefined;
  cursor?: string | undefined;
  folderId?: string | undefined;
}

export interface ListPublicProjectsResponse {
  items: PublicProject[];
  nextCursor: string;
}

export interface GetPublicProjectRequest {
  organisationId: string;
  projectId: string;
}
/** What a sender of GetPublicProjectRequest gives. */
export interface GetPublicProjectRequestInput {
  organisationId: string;
  projectId: string;
}

/** What everybody may know of a project. */
export interface PublicProject {
  id: string;
  organisationId: string;
  title: string;
  description: string;
  startsOn?: string | undefined;
  endsOn?: string | undefined;
  imageId?: string | undefined;
  /** Absent: it is in none. */
  folder?: PublicFolder | undefined;
}

export interface PublicFolder {
  id: string;
  title: string;
  imageId?: string | undefined;
}

export interface RemoveProjectImageRequest {
  projectId: string;
}
/** What a sender of RemoveProjectImageRequest gives. */
export interface RemoveProjectImageRequestInput {
  projectId: string;
}

export interface RemoveFolderImageRequest {
  folderId: string;
}
/** What a sender of RemoveFolderImageRequest gives. */
export interface RemoveFolderImageRequestInput {
  folderId: string;
}

/** The picture of a project or folder. */
export interface Image {
  id: string;
  /** The project or folder. */
  shownOn: string;
  name: string;
  mediaType: string;
  /** Bytes. */
  size: number;
  sha256: string;
  state: "announced" | "stored";
  version: number;
}

export interface CreateImageRequest {
  id: string;
  shownOn: string;
  name: string;
  mediaType: string;
}
/** What a sender of CreateImageRequest gives. */
export interface CreateImageRequestInput {
  id?: string | undefined;
  shownOn: string;
  name: string;
  mediaType: string;
}

export interface CompleteImageRequest {
  imageId: string;
  size: number;
  sha256: string;
}
/** What a sender of CompleteImageRequest gives. */
export interface CompleteImageRequestInput {
  imageId: string;
  size?: number | undefined;
  sha256: string;
}

export interface GetImageRequest {
  imageId: string;
}
/** What a sender of GetImageRequest gives. */
export interface GetImageRequestInput {
  imageId: string;
}

export interface GetPublicImageRequest {
  organisationId: string;
  imageId: string;
}
/** What a sender of GetPublicImageRequest gives. */
export interface GetPublicImageRequestInput {
  organisationId: string;
  imageId: string;
}

export interface ReadFollowedOrganisationsRequest {
  userId: string;
}
/** What a sender of ReadFollowedOrganisationsRequest gives. */
export interface ReadFollowedOrganisationsRequestInput {
  userId: string;
}

export interface ReadFollowedOrganisationsResponse {
  organisationIds: string[];
}

export interface ReadScopesRequest {
  /** The projects asked for; none: those of the organisation. */
  projectIds: string[];
  organisationId?: string | undefined;
  cursor: string;
}
/** What a sender of ReadScopesRequest gives. */
export interface ReadScopesRequestInput {
  /** The projects asked for; none: those of the organisation. */
  projectIds?: string[] | undefined;
  organisationId?: string | undefined;
  cursor?: string | undefined;
}

export interface ReadScopesResponse {
  items: ProjectScope[];
  nextCursor: string;
}

/** Where a project lies, and what of it decides access. */
export interface ProjectScope {
  projectId: string;
  organisationId: string;
  folderId?: string | undefined;
  status: "draft" | "published" | "archived" | "deleted";
  visibility: "public" | "registered" | "groups" | "people";
  version: number;
}

export interface ReadRecordScopesRequest {
  ids: string[];
}
/** What a sender of ReadRecordScopesRequest gives. */
export interface ReadRecordScopesRequestInput {
  ids: string[];
}

/** Those that are there. */
export interface ReadRecordScopesResponse {
  items: RecordScopeOf[];
}

export interface RecordScopeOf {
  id: string;
  organisationId: string;
  folderId?: string | undefined;
  projectId?: string | undefined;
  boardId?: string | undefined;
  albumId?: string | undefined;
  eventId?: string | undefined;
  contactId?: string | undefined;
  /** Of a record of or about a contact: the projects which that is in. Meaningful where the record stores them. */
  contactProjectIds: string[];
  hasContactProjects: boolean;
  contactUserId?: string | undefined;
  participationId?: string | undefined;
  peerReview: boolean;
  staffOnly: boolean;
  ownerId?: string | undefined;
}

export type ReadLeavingBytesRequest = Record<string, never>;
/** What a sender of ReadLeavingBytesRequest gives. */
export type ReadLeavingBytesRequestInput = Record<string, never>;

/** The oldest of them, by the ids of their records. What is not forgotten within the hour is told again, after the others. */
export interface ReadLeavingBytesResponse {
  ids: string[];
}

export interface ForgetBytesRequest {
  ids: string[];
}
/** What a sender of ForgetBytesRequest gives. */
export interface ForgetBytesRequestInput {
  ids: string[];
}

/** Credits were granted to an organisation. */
export interface CreditsGranted {
  organisationId: string;
  entryId: string;
  orderId: string;
  amount: number;
  /** Free to hold or use after this entry. */
  available: number;
  recordedAt: string;
  /** The wallet's version after this entry. */
  version: number;
}

/** One credit was set aside for a participant who is invited. */
export interface CreditHeld {
  organisationId: string;
  entryId: string;
  projectId: string;
  pseudonym: string;
  available: number;
  recordedAt: string;
  version: number;
}

/** A held credit was given back. */
export interface CreditReleased {
  organisationId: string;
  entryId: string;
  projectId: string;
  pseudonym: string;
  available: number;
  recordedAt: string;
  version: number;
}

/** One credit was used: one participant, one project, one month. */
export interface CreditUsed {
  organisationId: string;
  entryId: string;
  projectId: string;
  pseudonym: string;
  /** Which month of the participation, from 1. */
  month: number;
  available: number;
  recordedAt: string;
  version: number;
}

/** A role that was given, changed or taken. One message per grant; the highest version of a grant counts. */
export interface GrantChanged {
  grantId: string;
  organisationId: string;
  userId: string;
  role: string;
  scope: string;
  projectId?: string | undefined;
  participationId?: string | undefined;
  contactId?: string | undefined;
  boardId?: string | undefined;
  level?: "see" | "share" | "discuss" | undefined;
  peerReview: boolean;
  state?: "active" | "paused" | "ended" | undefined;
  /** The organisation's grantsVersion at which this form began. */
  version: number;
  removed: boolean;
  grantedAt: string;
  /** When it ends by itself; who enforces it need not be told again. */
  expiresAt?: string | undefined;
}

/** The right that a folder's manager derives for one project was taken, or given back. The highest version counts. (R16) */
export interface WithheldRightChanged {
  withheldRightId: string;
  organisationId: string;
  userId: string;
  projectId: string;
  /** The organisation's grantsVersion at which this form began. */
  version: number;
  restored: boolean;
}

/** A person was disabled or enabled, or closed their account. */
export interface UserChanged {
  userId: string;
  enabled: boolean;
  version: number;
}

/** An organisation's state or one of its switches changed. */
export interface OrganisationChanged {
  organisationId: string;
  state: "active" | "suspended" | "closed";
  managersGiveRoles: boolean;
  creatorsCreateProjects: boolean;
  contactCreators: ("admin" | "creator" | "member" | "manager" | "reporter" | "observer")[];
  redactedAccess: boolean;
  visitorsSeeProjects: boolean;
  timeZone: string;
  /** The organisation's grantsVersion. */
  version: number;
}

/**
 * Says every second that identity is there; silence makes live grants stale. On a topic of its own: who keeps a copy of what
 * `roles` tells need not wake up for it.
 */
export interface Heartbeat {
  source: string;
  sentAt: string;
}

/**
 * A log-in was ended by its person, by logging out or because its refresh token was stolen, or a credential of a service account was
 * removed: access tokens that came of it count no more.
 */
export interface SessionEnded {
  sessionId: string;
  userId: string;
}

/** Where a project lies and what of it decides access. */
export interface ProjectScopeChanged {
  projectId: string;
  organisationId: string;
  folderId?: string | undefined;
  status: "draft" | "published" | "archived" | "deleted";
  visibility: "public" | "registered" | "groups" | "people";
  createdBy: string;
  version: number;
  /** It was deleted 30 days ago and cannot come back: whoever keeps something of it lets go of it. */
  removed?: boolean | undefined;
}

/** A folder was deleted 30 days ago and cannot come back: whoever keeps something of it lets go of it. */
export interface FolderRemoved {
  folderId: string;
  organisationId: string;
}

/** The admins were asked to delete a project, or that was answered: whom it concerns is told. (R17) */
export interface DeletionRequestChanged {
  deletionRequestId: string;
  organisationId: string;
  projectId: string;
  state: "open" | "withdrawn" | "declined" | "granted";
  requestedBy: string;
  /** Who made it so. */
  actorId: string;
}

/** A contact's projects, linked account or existence changed. */
export interface ContactScopeChanged {
  contactId: string;
  organisationId: string;
  projectIds: string[];
  userId?: string | undefined;
  deleted: boolean;
  createdBy: string;
  version: number;
}

/** A participation took another state, level or peer review. */
export interface ParticipationChanged {
  participationId: string;
  organisationId: string;
  projectId: string;
  boardId: string;
  contactId: string;
  userId?: string | undefined;
  level: "see" | "share" | "discuss";
  peerReview: boolean;
  state: "enrolling" | "invited" | "active" | "paused" | "ended" | "refused";
  version: number;
}

/** Something was logged: for notifications and live streams, which read the rest from the progress service. */
export interface Activity {
  contactId: string;
  organisationId: string;
  projectId?: string | undefined;
  participationId?: string | undefined;
  kind: "post.created" | "comment.created" | "note.created";
  recordId: string;
  /** Of a comment: the post it is on. */
  postId?: string | undefined;
  actorId: string;
  /** The account linked to the contact. */
  contactUserId?: string | undefined;
  /** Who wrote the post or comment that this one answers. */
  threadUserIds: string[];
  /** The projects that the contact is in, and what the entry is, so that a stream can decide who may see it. */
  contactProjectIds: string[];
  staffOnly: boolean;
  recordedAt: string;
}

/** A notification was made for a user. */
export interface NotificationCreated {
  userId: string;
  organisationId: string;
  notificationId: string;
}

/** Something that the audit trail keeps: identity seals it into the organisation's chain. (R20) */
export interface AuditRecorded {
  auditId: string;
  organisationId: string;
  /** A word of the vocabulary in partake/v1/audit.proto. Its sender holds it against that; an older identity keeps a newer word. */
  action: string;
  actorId: string;
  subjectId?: string | undefined;
  scope?: string | undefined;
  outcome: "done" | "refused";
  recordedAt: string;
  role?: string | undefined;
  recordId?: string | undefined;
  operation?: string | undefined;
  cause?: string | undefined;
  times?: number | undefined;
}

/** A participant, or staff on their behalf, answered a question card. */
export interface AnswerRecorded {
  pseudonym: string;
  organisationId: string;
  projectId: string;
  answerId: string;
  /** The question or metric. */
  subjectId: string;
  /** Only of metrics and questions marked `published`, and only a number or yes (1) and no (0). */
  value?: number | undefined;
  hasNarrative: boolean;
  fileCount: number;
  recordedBy: "participant" | "staff";
  /** When it was true. */
  recordedAt: string;
  version: number;
}

/** A participant, or staff on their behalf, posted a story or a tip. */
export interface StoryPosted {
  pseudonym: string;
  organisationId: string;
  projectId: string;
  postId: string;
  kind: "story" | "tip";
  fileCount: number;
  recordedBy: "participant" | "staff";
  recordedAt: string;
  version: number;
}

/** Somebody commented on a participant's post. */
export interface CommentPosted {
  pseudonym: string;
  organisationId: string;
  projectId: string;
  postId: string;
  commentId: string;
  writtenBy: "participant" | "staff";
  recordedAt: string;
  version: number;
}

/** Every word of the audit trail. */
export type AuditAction =
  | "access.explained"
  | "access.refused"
  | "account.closed"
  | "audit.exported"
  | "board.changed"
  | "board.created"
  | "code.printed"
  | "code.redeemed"
  | "colleague.left"
  | "colleague.listed"
  | "contact.changed"
  | "contact.created"
  | "contact.deleted"
  | "contact.exported"
  | "contact.listed"
  | "contact.viewed"
  | "contact_field.created"
  | "deletion_request.created"
  | "deletion_request.declined"
  | "deletion_request.granted"
  | "deletion_request.withdrawn"
  | "email.changed"
  | "folder.activated"
  | "folder.archived"
  | "folder.changed"
  | "folder.created"
  | "folder.deleted"
  | "folder.removed"
  | "folder.restored"
  | "folder_right.restored"
  | "folder_right.withheld"
  | "invitation.accepted"
  | "invitation.listed"
  | "invitation.resent"
  | "invitation.sent"
  | "invitation.withdrawn"
  | "log_in.new_device"
  | "log_in.refused"
  | "log_in.token_reused"
  | "login_provider.changed"
  | "login_provider.linked"
  | "metric.created"
  | "order.confirmed"
  | "order.created"
  | "organisation.changed"
  | "organisation.closed"
  | "organisation.created"
  | "organisation.export_opened"
  | "organisation.exported"
  | "organisation.resumed"
  | "organisation.suspended"
  | "participation.accepted"
  | "participation.changed"
  | "participation.created"
  | "participation.ended"
  | "passkey.added"
  | "passkey.removed"
  | "project.archived"
  | "project.changed"
  | "project.created"
  | "project.deleted"
  | "project.drafted"
  | "project.moved"
  | "project.published"
  | "project.removed"
  | "project.restored"
  | "project.visibility_changed"
  | "question.created"
  | "redacted_access.changed"
  | "redacted_access.kept_on"
  | "redacted_access.manager_told"
  | "redacted_access.managers_told"
  | "redacted_access.off_requested"
  | "redacted_access.switched_off"
  | "redacted_access.switched_on"
  | "role.changed"
  | "role.ended"
  | "role.expiry_changed"
  | "role.given"
  | "role.taken"
  | "service_account.changed"
  | "service_account.created"
  | "service_account.disabled"
  | "service_account.key_changed"
  | "service_account.revoked"
  | "session.ended"
  | "signing_key.created"
  | "signing_key.retired"
  | "switch.changed"
  | "team.listed"
  | "user.disabled"
  | "user.enabled";

/** Every RPC by its service: the request as its handler gets it, as its sender may write it, and the response. */
export interface Services {
  Gateway: {
    /** What happens, as it happens, of what the caller may see: ids only, to be read by the other operations. Server-sent events; Last-Event-ID resumes within the last minutes, else the event `resync` says to read anew. The event `expired` ends the stream: its token does not count any more, and a new stream needs a new one. (E8, G14) */
    watchEvents: { request: WatchEventsRequest; input: WatchEventsRequestInput; response: LiveEvent };
    /** Uploads a file, to be named in a post afterwards. The body is the file itself, of the type that Content-Type says. (G19) */
    uploadFile: { request: UploadFileRequest; input: UploadFileRequestInput; response: UploadedFile };
    /** Downloads a file, as an attachment. (G19) */
    downloadFile: { request: DownloadFileRequest; input: DownloadFileRequestInput; response: UploadedFile };
    /** Uploads the picture of a project, instead of the one that it has: PNG, JPEG, WebP or GIF. The body is the file itself. (P2) */
    uploadProjectImage: { request: UploadProjectImageRequest; input: UploadProjectImageRequestInput; response: UploadedImage };
    /** Uploads the picture of a folder, instead of the one that it has: PNG, JPEG, WebP or GIF. The body is the file itself. (P1) */
    uploadFolderImage: { request: UploadFolderImageRequest; input: UploadFolderImageRequestInput; response: UploadedImage };
    /** Downloads the picture of a project or folder that the caller sees. (P1, P2) */
    downloadImage: { request: DownloadImageRequest; input: DownloadImageRequestInput; response: UploadedImage };
    /** Downloads the picture of a project that an organisation shows to everybody, or of the folder of one. (P1, P2, R10) */
    downloadPublicImage: { request: DownloadPublicImageRequest; input: DownloadPublicImageRequestInput; response: UploadedImage };
  };
  Identity: {
    /** Creates an organisation. (X7) */
    createOrganisation: { request: CreateOrganisationRequest; input: CreateOrganisationRequestInput; response: Organisation };
    /** The organisations of the platform, by name. (X7) */
    listOrganisations: { request: ListOrganisationsRequest; input: ListOrganisationsRequestInput; response: ListOrganisationsResponse };
    /** Invites an organisation's first admin. (X7) */
    inviteFirstAdmin: { request: InviteFirstAdminRequest; input: InviteFirstAdminRequestInput; response: Invitation };
    /** The organisation that the token is for. */
    getOrganisation: { request: GetOrganisationRequest; input: GetOrganisationRequestInput; response: Organisation };
    /** Changes the organisation's preferences and switches. (P8, R14, R15) */
    updateOrganisation: { request: UpdateOrganisationRequest; input: UpdateOrganisationRequestInput; response: Organisation };
    /** Switches redacted access on, at once; where it was about to end, it stays. (R12) */
    switchRedactedAccessOn: { request: SwitchRedactedAccessOnRequest; input: SwitchRedactedAccessOnRequestInput; response: Organisation };
    /** Switches it off: seven days after all managers of the organisation's projects were told by e-mail. (R12) */
    switchRedactedAccessOff: { request: SwitchRedactedAccessOffRequest; input: SwitchRedactedAccessOffRequestInput; response: Organisation };
    /** The person who is logged in, with their roles by organisation, and the organisations in which they only follow something. (R23, R10) */
    getMe: { request: GetMeRequest; input: GetMeRequestInput; response: Me };
    /** Changes one's own profile. (R23) */
    updateMe: { request: UpdateMeRequest; input: UpdateMeRequestInput; response: Me };
    /** Invites a colleague to a role, by e-mail; capped at the sender's own powers. (R21) */
    inviteColleague: { request: InviteColleagueRequest; input: InviteColleagueRequestInput; response: Invitation };
    /** Reads a list of people to invite, as CSV or as rows, and says of each row what is wrong with it. Sends nothing. (R21) */
    previewInvitations: { request: PreviewInvitationsRequest; input: PreviewInvitationsRequestInput; response: InvitationsPreview };
    /** Invites many colleagues at once, all or none of them. (R21) */
    sendInvitations: { request: SendInvitationsRequest; input: SendInvitationsRequestInput; response: SentInvitations };
    /** Invitations of colleagues to what the caller gives roles on, newest first. (R21) */
    listInvitations: { request: ListInvitationsRequest; input: ListInvitationsRequestInput; response: ListInvitationsResponse };
    /** Sends an invitation again, with a new link and a new end: the old link is dead. From then on it carries the caller's powers. (R21) */
    resendInvitation: { request: ResendInvitationRequest; input: ResendInvitationRequestInput; response: Invitation };
    /** Withdraws an invitation: its link is dead. (R21) */
    withdrawInvitation: { request: WithdrawInvitationRequest; input: WithdrawInvitationRequestInput; response: Empty };
    /** Accepts an invitation: a mailed one only by a person whose verified e-mail is the invited one, a printed one by whoever is logged in and has its code. (R21, R24) */
    acceptInvitation: { request: AcceptInvitationRequest; input: AcceptInvitationRequestInput; response: AcceptedInvitation };
    /** Makes a one-time code that is printed and handed to a participant who has no e-mail address: it accepts their invitation and makes their account; or, where they have it already and lost their device, it lets them in again, and whoever was in is out. The code is in this answer and never again; it is good for fourteen days, and the one before is dead. (R21, R24, C2) */
    printCode: { request: PrintCodeRequest; input: PrintCodeRequestInput; response: PrintedCode };
    /** The organisation's colleagues with their roles, by name. (R11) */
    listColleagues: { request: ListColleaguesRequest; input: ListColleaguesRequestInput; response: ListColleaguesResponse };
    /** Finds colleagues by the beginnings of words of their name or address. (R11) */
    searchColleagues: { request: SearchColleaguesRequest; input: SearchColleaguesRequestInput; response: ListColleaguesResponse };
    /** One colleague. (R11) */
    getColleague: { request: GetColleagueRequest; input: GetColleagueRequestInput; response: Colleague };
    /** All roles of one colleague, newest first. (R11, R18) */
    listColleagueGrants: { request: ListColleagueGrantsRequest; input: ListColleagueGrantsRequestInput; response: ListColleagueGrantsResponse };
    /** What is still somebody's before they leave, or after: what to hand over, by kind. (Z5) */
    getHandover: { request: GetHandoverRequest; input: GetHandoverRequestInput; response: Handover };
    /** What several changes of roles at once would do: what each person gains and loses, and what would be refused. (R11) */
    previewColleagueChanges: { request: PreviewColleagueChangesRequest; input: PreviewColleagueChangesRequestInput; response: ColleagueChangesPreview };
    /** Does exactly what a preview showed, all of it or nothing. (R11) */
    changeColleagues: { request: ChangeColleaguesRequest; input: ChangeColleaguesRequestInput; response: Empty };
    /** Who has a role in a project: directly, and derived from around it. (R11, R18) */
    listTeam: { request: ListTeamRequest; input: ListTeamRequestInput; response: ListTeamResponse };
    /** Gives a role to a colleague. (R11, R18) */
    giveRole: { request: GiveRoleRequest; input: GiveRoleRequestInput; response: Grant };
    /** Takes a role away; the person is refused everywhere within a second. (R18, R19) */
    takeRole: { request: TakeRoleRequest; input: TakeRoleRequestInput; response: Empty };
    /** TakeRole with a reason, which no URL may hold. (R18, R20) */
    takeRoleWithReason: { request: TakeRoleWithReasonRequest; input: TakeRoleWithReasonRequestInput; response: Grant };
    /** Sets or lifts the date at which a role ends by itself; nobody gives a role for longer than they hold the power to. (R18) */
    setRoleExpiry: { request: SetRoleExpiryRequest; input: SetRoleExpiryRequestInput; response: Grant };
    /** Takes from a folder's manager the right that they derive for one project of it; effective within a second. (R16) */
    withholdRight: { request: WithholdRightRequest; input: WithholdRightRequestInput; response: WithheldRight };
    /** Gives it back. (R16) */
    restoreRight: { request: RestoreRightRequest; input: RestoreRightRequestInput; response: Empty };
    /** RestoreRight with a reason, which no URL may hold. (R16, R20) */
    restoreRightWithReason: { request: RestoreRightWithReasonRequest; input: RestoreRightWithReasonRequestInput; response: WithheldRight };
    /** The organisation's own OpenID Provider, with which its people may log in; without its secret. Version 0: there is none yet. */
    getLoginProvider: { request: GetLoginProviderRequest; input: GetLoginProviderRequestInput; response: LoginProvider };
    /** Configures it. With the provider, `<origin>/login/callback` is to be registered as redirect URI. Where it is enabled, the issuer has to answer and to name itself in its discovery document exactly so. */
    putLoginProvider: { request: PutLoginProviderRequest; input: PutLoginProviderRequestInput; response: LoginProvider };
    /** The organisation's audit trail, newest first; every filter narrows it. (R20) */
    listAuditEntries: { request: ListAuditEntriesRequest; input: ListAuditEntriesRequestInput; response: ListAuditEntriesResponse };
    /** The organisation's audit trail as a table, newest first; that it was exported is recorded before it starts. (R20) */
    exportAuditEntries: { request: ExportAuditEntriesRequest; input: ExportAuditEntriesRequestInput; response: ExportAuditEntriesResponse };
    /** Why somebody may or may not do something, now or at a past instant, by what was recorded of their roles: asked by admins about anyone, and by everybody about themselves. (Z1) */
    explainAccess: { request: ExplainAccessRequest; input: ExplainAccessRequestInput; response: AccessExplanation };
    /** Whether somebody may do something, as the OpenID AuthZEN Authorization API 1.0 asks it: admins about anyone, everybody about themselves. The subject is a user, the action a line of the policy, the resource a record by the word for its kind. Whoever or whatever is not known here is a no. Properties and context that are sent along decide nothing. (Z1) */
    evaluateAccess: { request: EvaluateAccessRequest; input: EvaluateAccessRequestInput; response: AccessDecision };
    /** The same for up to a hundred questions at once; what stands at the top counts where a question does not say otherwise. (Z1) */
    evaluateAccesses: { request: EvaluateAccessesRequest; input: EvaluateAccessesRequestInput; response: EvaluateAccessesResponse };
    /** Proves the chain: recomputes the seals and the digests of the entries in them, in order. (R20) */
    verifyAudit: { request: VerifyAuditRequest; input: VerifyAuditRequestInput; response: AuditVerification };
    /** Where one is logged in: each log-in with its device, coarse place and times. (R23) */
    listSessions: { request: ListSessionsRequest; input: ListSessionsRequestInput; response: ListSessionsResponse };
    /** Ends one log-in: its tokens, streams and downloads end within a second. One that ended already stays so. (R23) */
    endSession: { request: EndSessionRequest; input: EndSessionRequestInput; response: Empty };
    /** Logs out everywhere, or everywhere else. (R23) */
    endSessions: { request: EndSessionsRequest; input: EndSessionsRequestInput; response: Empty };
    /** The passkeys that one logs in with, the newest first. (R24) */
    listPasskeys: { request: ListPasskeysRequest; input: ListPasskeysRequestInput; response: ListPasskeysResponse };
    /** Begins to add a passkey: gives what the browser's `PublicKeyCredential.parseCreationOptionsFromJSON` takes. The device's answer counts for five minutes. (R24) */
    beginPasskey: { request: BeginPasskeyRequest; input: BeginPasskeyRequestInput; response: PasskeyCreation };
    /** Adds the passkey that a device has made; it logs its person in from then on, and their address is told. At most twenty. (R24) */
    addPasskey: { request: AddPasskeyRequest; input: AddPasskeyRequestInput; response: Passkey };
    /** Renames a passkey. (R24) */
    renamePasskey: { request: RenamePasskeyRequest; input: RenamePasskeyRequestInput; response: Passkey };
    /** Removes a passkey: nobody logs in with it any more; log-ins that go on are ended apart. Whoever has no e-mail address keeps the last one, without which they could not come back. (R24) */
    removePasskey: { request: RemovePasskeyRequest; input: RemovePasskeyRequestInput; response: Empty };
    /** Begins to change the address that one logs in with: a code goes to the new one, whether or not it is known already. (R23) */
    changeEmail: { request: ChangeEmailRequest; input: ChangeEmailRequestInput; response: EmailChange };
    /** Changes the address by the code that came there. The old one, if there was one, is told, and can undo it for seven days. (R23) */
    confirmEmailChange: { request: ConfirmEmailChangeRequest; input: ConfirmEmailChangeRequestInput; response: Me };
    /** Closes one's account: every log-in ends, every role is given up, name and address are forgotten; what others keep of the work together stays. Who is the last admin names another first, and a participation is ended first; of more than 1,000 roles an admin takes some first. (R23) */
    closeAccount: { request: CloseAccountRequest; input: CloseAccountRequestInput; response: Empty };
    /** Suspends an organisation: within a second its tokens are refused, its streams and downloads end, its public pages are not there and nobody logs in to it; no new month is billed. Nothing is lost. (X7) */
    suspendOrganisation: { request: SuspendOrganisationRequest; input: SuspendOrganisationRequestInput; response: Organisation };
    /** Ends a suspension: everything is as it was. (X7) */
    resumeOrganisation: { request: ResumeOrganisationRequest; input: ResumeOrganisationRequestInput; response: Organisation };
    /** Closes an organisation for good; the effect is that of a suspension, but nobody resumes it, and thirty days later its files and pictures are removed. Offer its admins an export before. (X7) */
    closeOrganisation: { request: CloseOrganisationRequest; input: CloseOrganisationRequestInput; response: Organisation };
    /** Opens an export of an organisation for its admins, who alone can read it: an operator sees no personal data and no content. It stays open for fourteen days. (X7) */
    exportOrganisation: { request: ExportOrganisationRequest; input: ExportOrganisationRequestInput; response: OrganisationExport };
    /** The exports that are open to the organisation's admins, newest first. (X7) */
    listOrganisationExports: { request: ListOrganisationExportsRequest; input: ListOrganisationExportsRequestInput; response: ListOrganisationExportsResponse };
    /** A part of an open export: JSON lines, one record each with its `kind`, as they are at this moment. Without nextCursor it was the last part. It holds what identity keeps of the organisation, but for people of projects from whom redacted access keeps the reader; the other services' records have exports of their own. (X7, R12) */
    readOrganisationExport: { request: ReadOrganisationExportRequest; input: ReadOrganisationExportRequestInput; response: ReadOrganisationExportResponse };
    /** Creates an account for another system: on the organisation or on named projects, never above what its creator holds at any moment, never for billing or roles. It gets tokens with the client credentials grant at `/oidc/token`, by its id as client_id and a credential that is added next. (R22) */
    createServiceAccount: { request: CreateServiceAccountRequest; input: CreateServiceAccountRequestInput; response: ServiceAccount };
    /** The organisation's service accounts, newest first, without those that were revoked. (R22) */
    listServiceAccounts: { request: ListServiceAccountsRequest; input: ListServiceAccountsRequestInput; response: ListServiceAccountsResponse };
    /** Renames a service account, changes its roles, disables or enables it. Disabled it is refused everywhere within a second. (R22) */
    updateServiceAccount: { request: UpdateServiceAccountRequest; input: UpdateServiceAccountRequestInput; response: ServiceAccount };
    /** Ends a service account for good, with its credentials and roles. (R22) */
    revokeServiceAccount: { request: RevokeServiceAccountRequest; input: RevokeServiceAccountRequestInput; response: Empty };
    /** Adds a credential. Two may be valid at once, so that a system changes from one to the other without a gap. A secret is shown in this answer and never again. (R22) */
    addServiceAccountCredential: { request: AddServiceAccountCredentialRequest; input: AddServiceAccountCredentialRequestInput; response: AddedServiceAccountCredential };
    /** Revokes a credential; tokens that it brought are refused within a second. (R22) */
    removeServiceAccountCredential: { request: RemoveServiceAccountCredentialRequest; input: RemoveServiceAccountCredentialRequestInput; response: Empty };
    /** The service accounts whose roles reach a project, and whether its redacted data is open to them. (R22, R12) */
    listProjectServiceAccounts: { request: ListProjectServiceAccountsRequest; input: ListProjectServiceAccountsRequestInput; response: ListProjectServiceAccountsResponse };
    /** A direct manager lets a service account read what redacted access hides of the project. (R22, R12) */
    consentToServiceAccount: { request: ConsentToServiceAccountRequest; input: ConsentToServiceAccountRequestInput; response: Empty };
    /** Ends such a consent. (R22, R12) */
    withdrawServiceAccountConsent: { request: WithdrawServiceAccountConsentRequest; input: WithdrawServiceAccountConsentRequestInput; response: Empty };
    /** First step of an enrolment: an account for the contact's address, which nothing is told about, or for a printed code. Idempotent. */
    reserveAccount: { request: ReserveAccountRequest; input: ReserveAccountRequestInput; response: ReserveAccountResponse };
    /** Last step: writes to the person, or lets a code be printed for them. Idempotent by participation. */
    inviteParticipant: { request: InviteParticipantRequest; input: InviteParticipantRequestInput; response: Empty };
    /** Sends it again, as ResendInvitation does. (R21) */
    renewParticipantInvitation: { request: RenewParticipantInvitationRequest; input: RenewParticipantInvitationRequestInput; response: Empty };
    /** Undoes ReserveAccount and InviteParticipant. Idempotent. */
    releaseAccount: { request: ReleaseAccountRequest; input: ReleaseAccountRequestInput; response: Empty };
    /** Gives, changes or removes the participant role that belongs to a participation. Idempotent by version. */
    putParticipantRole: { request: PutParticipantRoleRequest; input: PutParticipantRoleRequestInput; response: Empty };
    /** The creator of a project becomes its manager, of a contact its updater. Idempotent. */
    giveCreatorRole: { request: GiveCreatorRoleRequest; input: GiveCreatorRoleRequestInput; response: Empty };
    /** What an organisation says to everybody, without anybody's token: whether it works, whether visitors see its projects, and at which version its grants stand. */
    readOrganisation: { request: ReadOrganisationRequest; input: ReadOrganisationRequestInput; response: ReadOrganisationResponse };
    /** What a person holds now in one organisation, for the live grants of the enforcers. Ids only. */
    readGrants: { request: ReadGrantsRequest; input: ReadGrantsRequestInput; response: ReadGrantsResponse };
    /** How to address users, for messages and for showing who wrote something. */
    readUsers: { request: ReadUsersRequest; input: ReadUsersRequestInput; response: ReadUsersResponse };
    /** An organisation's admins who can log in, to tell them of what waits for them; of one that is suspended or closed nobody. */
    readAdmins: { request: ReadAdminsRequest; input: ReadAdminsRequestInput; response: ReadAdminsResponse };
  };
  Projects: {
    /** Creates a folder. (P1) */
    createFolder: { request: CreateFolderRequest; input: CreateFolderRequestInput; response: Folder };
    /** One folder. (P1) */
    getFolder: { request: GetFolderRequest; input: GetFolderRequestInput; response: Folder };
    /** The folders that the caller may see, in their order. (P1) */
    listFolders: { request: ListFoldersRequest; input: ListFoldersRequestInput; response: ListFoldersResponse };
    /** Changes what is given, leaves the rest. An archived folder takes no further projects. (P1) */
    updateFolder: { request: UpdateFolderRequest; input: UpdateFolderRequestInput; response: Folder };
    /** Puts a folder directly after another one, or first. Two who do so at once both have their wish, as far as they agree. (P1) */
    placeFolder: { request: PlaceFolderRequest; input: PlaceFolderRequestInput; response: Folder };
    /** Deletes a folder that holds no projects; while it does, they are moved or deleted first. It can be restored for 30 days. (P1, P6) */
    deleteFolder: { request: DeleteFolderRequest; input: DeleteFolderRequestInput; response: Empty };
    /** Brings a deleted folder back as it was. (P6) */
    restoreFolder: { request: RestoreFolderRequest; input: RestoreFolderRequestInput; response: Folder };
    /** The deleted folders that can still be restored, the last one first. (P6) */
    listDeletedFolders: { request: ListDeletedFoldersRequest; input: ListDeletedFoldersRequestInput; response: ListDeletedFoldersResponse };
    /** Creates a project, in a folder or outside of any; its creator becomes its manager. (P2) */
    createProject: { request: CreateProjectRequest; input: CreateProjectRequestInput; response: Project };
    /** One project. (P2) */
    getProject: { request: GetProjectRequest; input: GetProjectRequestInput; response: Project };
    /** The projects that the caller may see, newest first unless `sort` says otherwise. (P2, P7) */
    listProjects: { request: ListProjectsRequest; input: ListProjectsRequestInput; response: ListProjectsResponse };
    /** Changes what is given, leaves the rest; archiving a project stops new months for its participants. (P2, B1) */
    updateProject: { request: UpdateProjectRequest; input: UpdateProjectRequestInput; response: Project };
    /** Moves a project into a folder, or out of any. Needs rights at both ends. (P1) */
    moveProject: { request: MoveProjectRequest; input: MoveProjectRequestInput; response: Project };
    /** Puts a project directly after another one, or before all others of its folder; what is in no folder, before all that is in none. The order is one for the whole organisation, so a project that moves to another folder has a place there, too. (P1) */
    placeProject: { request: PlaceProjectRequest; input: PlaceProjectRequestInput; response: Project };
    /** Deletes a project: it stops at once, everywhere and for everybody. For 30 days an admin can restore it, with all that belongs to it; then it is removed for good. (P6, R17) */
    deleteProject: { request: DeleteProjectRequest; input: DeleteProjectRequestInput; response: Empty };
    /** Brings a deleted project back as it was, with the same roles and people; outside of any folder where its own was deleted. (P6) */
    restoreProject: { request: RestoreProjectRequest; input: RestoreProjectRequestInput; response: Project };
    /** The deleted projects that can still be restored, the last one first. (P6) */
    listDeletedProjects: { request: ListDeletedProjectsRequest; input: ListDeletedProjectsRequestInput; response: ListDeletedProjectsResponse };
    /** Asks the admins to delete a project, as nobody else may; they are told. One request of a project is open at a time. (R17) */
    createDeletionRequest: { request: CreateDeletionRequestRequest; input: CreateDeletionRequestRequestInput; response: DeletionRequest };
    /** One request to delete a project that is there. (R17) */
    getDeletionRequest: { request: GetDeletionRequestRequest; input: GetDeletionRequestRequestInput; response: DeletionRequest };
    /** Those of the projects that the caller may edit, the newest first. (R17) */
    listDeletionRequests: { request: ListDeletionRequestsRequest; input: ListDeletionRequestsRequestInput; response: ListDeletionRequestsResponse };
    /** Takes an open request back. Again: nothing changes. (R17) */
    withdrawDeletionRequest: { request: WithdrawDeletionRequestRequest; input: WithdrawDeletionRequestRequestInput; response: DeletionRequest };
    /** Leaves the project as it is, and tells who asked; deleting it is the other answer. Again: nothing changes. (R17) */
    declineDeletionRequest: { request: DeclineDeletionRequestRequest; input: DeclineDeletionRequestRequestInput; response: DeletionRequest };
    /** Follows a project. Again: nothing changes. (P7) */
    followProject: { request: FollowProjectRequest; input: FollowProjectRequestInput; response: ProjectFollow };
    /** Does not follow a project any more. Again: nothing changes. (P7) */
    unfollowProject: { request: UnfollowProjectRequest; input: UnfollowProjectRequestInput; response: ProjectFollow };
    /** The published projects that an organisation shows to everybody, in its order; also to who is not logged in. An organisation that shows none to visitors, that is suspended, or that is not there, answers the same. (P2, R10) */
    listPublicProjects: { request: ListPublicProjectsRequest; input: ListPublicProjectsRequestInput; response: ListPublicProjectsResponse };
    /** One of them. (P2, R10) */
    getPublicProject: { request: GetPublicProjectRequest; input: GetPublicProjectRequestInput; response: PublicProject };
    /** Takes the picture off a project. (P2) */
    removeProjectImage: { request: RemoveProjectImageRequest; input: RemoveProjectImageRequestInput; response: Empty };
    /** Takes the picture off a folder. (P1) */
    removeFolderImage: { request: RemoveFolderImageRequest; input: RemoveFolderImageRequestInput; response: Empty };
    /** Announces a picture of a project or folder and checks that the caller may change it; the gateway then stores the bytes. (P1, P2) */
    createImage: { request: CreateImageRequest; input: CreateImageRequestInput; response: Image };
    /** Told by the gateway when the bytes are stored: from then on it is the picture of its project or folder, instead of the last one. */
    completeImage: { request: CompleteImageRequest; input: CompleteImageRequestInput; response: Image };
    /** What the gateway must know to send a picture to who may see its project or folder. */
    getImage: { request: GetImageRequest; input: GetImageRequestInput; response: Image };
    /** The same for visitors: of what the organisation shows to everybody. */
    getPublicImage: { request: GetPublicImageRequest; input: GetPublicImageRequestInput; response: Image };
    /** Bytes that are to leave the gateway's store: nothing of this service owns them any more. */
    readLeavingBytes: { request: ReadLeavingBytesRequest; input: ReadLeavingBytesRequestInput; response: ReadLeavingBytesResponse };
    /** Told by the gateway when they have left. Again: nothing changes. */
    forgetBytes: { request: ForgetBytesRequest; input: ForgetBytesRequestInput; response: Empty };
    /** Every project's place, for the live view of scopes of the other services. Ids only. */
    readScopes: { request: ReadScopesRequest; input: ReadScopesRequestInput; response: ReadScopesResponse };
    /** The organisations in which somebody follows a project, for that person's own account. Ids only. (P7, R10) */
    readFollowedOrganisations: { request: ReadFollowedOrganisationsRequest; input: ReadFollowedOrganisationsRequestInput; response: ReadFollowedOrganisationsResponse };
    /** What decides access to records of this service, by their ids. Ids only. */
    readRecordScopes: { request: ReadRecordScopesRequest; input: ReadRecordScopesRequestInput; response: ReadRecordScopesResponse };
  };
  Contacts: {
    /** Defines a custom field of the organisation's contacts. (C1) */
    createContactField: { request: CreateContactFieldRequest; input: CreateContactFieldRequestInput; response: ContactField };
    /** The custom fields of the organisation's contacts, in their order. (C1) */
    listContactFields: { request: ListContactFieldsRequest; input: ListContactFieldsRequestInput; response: ListContactFieldsResponse };
    /** Creates a contact, in a project or without one; whoever creates it may post updates on it. (C1, R14) */
    createContact: { request: CreateContactRequest; input: CreateContactRequestInput; response: Contact };
    /** One contact, with the parts that the caller's level shows. (C1, R7) */
    getContact: { request: GetContactRequest; input: GetContactRequestInput; response: Contact };
    /** Finds contacts by name, kind and project among those that the caller may see. (C1) */
    searchContacts: { request: SearchContactsRequest; input: SearchContactsRequestInput; response: SearchContactsResponse };
    /** Changes what is given, leaves the rest. (C1) */
    updateContact: { request: UpdateContactRequest; input: UpdateContactRequestInput; response: Contact };
    /** Deletes a contact; its participations end, and an enrolment under way is undone. */
    deleteContact: { request: DeleteContactRequest; input: DeleteContactRequestInput; response: Empty };
    /** Adds a contact to a managed board: reserves an account, holds a credit, puts the contact on the board and invites. (C2, C3, G3) */
    enrolContact: { request: EnrolContactRequest; input: EnrolContactRequestInput; response: Participation };
    /** Reads a list of people to enrol on a board, as CSV or as rows: what is wrong with each row, whom it means, and what credits it takes. Enrols nobody. (R21, C3, Z2) */
    previewEnrolments: { request: PreviewEnrolmentsRequest; input: PreviewEnrolmentsRequestInput; response: EnrolmentsPreview };
    /** Enrols many at once, exactly as a preview showed, by e-mail: all rows are recorded or none, and carried out one by one. (R21, C3) */
    sendEnrolments: { request: SendEnrolmentsRequest; input: SendEnrolmentsRequestInput; response: EnrolmentBatch };
    /** How far a batch is: each row with its participation's state, and why one was refused. (R21) */
    getEnrolmentBatch: { request: GetEnrolmentBatchRequest; input: GetEnrolmentBatchRequestInput; response: EnrolmentBatch };
    /** Sends a participant's invitation again: a new link, fourteen more days; the former link is worth nothing. (R21) */
    resendParticipantInvitation: { request: ResendParticipantInvitationRequest; input: ResendParticipantInvitationRequestInput; response: Participation };
    /** One participation, with the state of its enrolment. */
    getParticipation: { request: GetParticipationRequest; input: GetParticipationRequestInput; response: Participation };
    /** The participations of a project, newest first. (C3) */
    listParticipations: { request: ListParticipationsRequest; input: ListParticipationsRequestInput; response: ListParticipationsResponse };
    /** The caller's own participations in the token's organisation. (R8) */
    listMyParticipations: { request: ListMyParticipationsRequest; input: ListMyParticipationsRequestInput; response: ListParticipationsResponse };
    /** Changes a participation's level or peer review. (R8, G6) */
    updateParticipation: { request: UpdateParticipationRequest; input: UpdateParticipationRequestInput; response: Participation };
    /** Ends a participation; one that was not accepted is withdrawn so: its link is worth nothing, its credit is given back. (C2, R21) */
    endParticipation: { request: EndParticipationRequest; input: EndParticipationRequestInput; response: Participation };
    /** Told by identity when the invited person accepts: uses the credit, starts month 1, gives the role. Idempotent. */
    acceptParticipation: { request: AcceptParticipationRequest; input: AcceptParticipationRequestInput; response: Participation };
    /** What of a contact decides access to what is said about it. Ids only. */
    readContactScopes: { request: ReadContactScopesRequest; input: ReadContactScopesRequestInput; response: ReadContactScopesResponse };
    /** What decides access to records of this service, by their ids. Ids only. */
    readRecordScopes: { request: ReadRecordScopesRequest; input: ReadRecordScopesRequestInput; response: ReadRecordScopesResponse };
    /** How to reach people, for a message that is being sent. */
    readAddresses: { request: ReadAddressesRequest; input: ReadAddressesRequestInput; response: ReadAddressesResponse };
  };
  Progress: {
    /** Defines a metric of a project. (G1) */
    createMetric: { request: CreateMetricRequest; input: CreateMetricRequestInput; response: Metric };
    /** The metrics of a project. (G1) */
    listMetrics: { request: ListMetricsRequest; input: ListMetricsRequestInput; response: ListMetricsResponse };
    /** Defines a survey question of a project. (G2) */
    createQuestion: { request: CreateQuestionRequest; input: CreateQuestionRequestInput; response: Question };
    /** The questions of a project. (G2) */
    listQuestions: { request: ListQuestionsRequest; input: ListQuestionsRequestInput; response: ListQuestionsResponse };
    /** Creates a progress board with its question cards. (G3) */
    createBoard: { request: CreateBoardRequest; input: CreateBoardRequestInput; response: Board };
    /** One board with its cards. (G3) */
    getBoard: { request: GetBoardRequest; input: GetBoardRequestInput; response: Board };
    /** The boards of a project that the caller may see. (G3) */
    listBoards: { request: ListBoardsRequest; input: ListBoardsRequestInput; response: ListBoardsResponse };
    /** Changes a board and its cards. (R4) */
    updateBoard: { request: UpdateBoardRequest; input: UpdateBoardRequestInput; response: Board };
    /** Answers a question card, posts a story or a tip: by a participant for themselves, or by staff on behalf of a contact. (G4, G8) */
    createPost: { request: CreatePostRequest; input: CreatePostRequestInput; response: Post };
    /** One post. (G4) */
    getPost: { request: GetPostRequest; input: GetPostRequestInput; response: Post };
    /** Comments on a post, or replies to a comment. (G5, G7) */
    createComment: { request: CreateCommentRequest; input: CreateCommentRequestInput; response: Comment };
    /** The comments on a post that the caller may read, oldest first: each is decided for itself, so that who sees what peers say and not what staff say gets the one without the other. (G5, G6) */
    listComments: { request: ListCommentsRequest; input: ListCommentsRequestInput; response: ListCommentsResponse };
    /** Writes a case note or a staff post about a contact; no participant ever sees it. (C5) */
    createNote: { request: CreateNoteRequest; input: CreateNoteRequestInput; response: TimelineEntry };
    /** Everything logged by and about a contact that the caller may see, newest first. (C4, G14) */
    listTimeline: { request: ListTimelineRequest; input: ListTimelineRequestInput; response: ListTimelineResponse };
    /** The open cards of the caller's own board, with the newest answer to each. (G3, G11) */
    getMyBoard: { request: GetMyBoardRequest; input: GetMyBoardRequestInput; response: MyBoard };
    /** The caller's own chart of a metric or question: answers over time against target and milestones. (G9) */
    getMyChart: { request: GetMyChartRequest; input: GetMyChartRequestInput; response: Chart };
    /** Previous responses and activity that the caller may see, newest first. (G10) */
    listMyNewsfeed: { request: ListMyNewsfeedRequest; input: ListMyNewsfeedRequestInput; response: ListMyNewsfeedResponse };
    /** Announces a file and checks that the caller may add one; the gateway then stores the bytes. (G19) */
    createFile: { request: CreateFileRequest; input: CreateFileRequestInput; response: File };
    /** Told by the gateway when the bytes are stored: their size and digest. */
    completeFile: { request: CompleteFileRequest; input: CompleteFileRequestInput; response: File };
    /** What the gateway must know to send a file to who may see it. */
    getFile: { request: GetFileRequest; input: GetFileRequestInput; response: File };
    /** Bytes that are to leave the gateway's store: nothing of this service owns them any more. */
    readLeavingBytes: { request: ReadLeavingBytesRequest; input: ReadLeavingBytesRequestInput; response: ReadLeavingBytesResponse };
    /** Told by the gateway when they have left. Again: nothing changes. */
    forgetBytes: { request: ForgetBytesRequest; input: ForgetBytesRequestInput; response: Empty };
    /** A step of an enrolment: the contact is on the board. Refuses when the board is gone or the project archived. Idempotent. */
    addToBoard: { request: AddToBoardRequest; input: AddToBoardRequestInput; response: Empty };
    /** Undoes AddToBoard, or ends it. Idempotent. */
    removeFromBoard: { request: RemoveFromBoardRequest; input: RemoveFromBoardRequestInput; response: Empty };
    /** What decides access to records of this service, by their ids. Ids only. */
    readRecordScopes: { request: ReadRecordScopesRequest; input: ReadRecordScopesRequestInput; response: ReadRecordScopesResponse };
  };
  Messaging: {
    /** The caller's notifications in the token's organisation, newest first: those of what they may still read. (E8) */
    listMyNotifications: { request: ListMyNotificationsRequest; input: ListMyNotificationsRequestInput; response: ListMyNotificationsResponse };
    /** Marks one of them as read. (E8) */
    markNotificationRead: { request: MarkNotificationReadRequest; input: MarkNotificationReadRequestInput; response: Notification };
    /** Queues one e-mail, which is then sent with bounded retries. Idempotent by id. (E9) */
    sendMail: { request: SendMailRequest; input: SendMailRequestInput; response: Empty };
  };
  Billing: {
    /** Orders credits; a billing operator confirms the order. (B2) */
    createOrder: { request: CreateOrderRequest; input: CreateOrderRequestInput; response: Order };
    /** The organisation's orders, newest first. (B2) */
    listOrders: { request: ListOrdersRequest; input: ListOrdersRequestInput; response: ListOrdersResponse };
    /** Orders of all organisations that wait for confirmation, newest first. (B2) */
    listOpenOrders: { request: ListOrdersRequest; input: ListOrdersRequestInput; response: ListOrdersResponse };
    /** Confirms an organisation's order: the credits are granted. (B2) */
    confirmOrder: { request: ConfirmOrderRequest; input: ConfirmOrderRequestInput; response: Order };
    /** What the organisation has, holds and used. (B3) */
    getBalance: { request: GetBalanceRequest; input: GetBalanceRequestInput; response: Balance };
    /** The ledger, newest first. (B3) */
    listEntries: { request: ListEntriesRequest; input: ListEntriesRequestInput; response: ListEntriesResponse };
    /** What enrolling these people in a project takes, and whether it is there; how much is there is for admins alone. (B1, B7, Z2) */
    readCreditNeed: { request: ReadCreditNeedRequest; input: ReadCreditNeedRequestInput; response: CreditNeed };
    /** A step of an enrolment: sets one credit aside. Refuses without credit. Idempotent by participation. (B1) */
    holdCredit: { request: HoldCreditRequest; input: HoldCreditRequestInput; response: Empty };
    /** Gives a held credit back. Idempotent; a credit that was used stays used. (B1) */
    releaseCredit: { request: ReleaseCreditRequest; input: ReleaseCreditRequestInput; response: Empty };
    /** Uses the held credit at acceptance: month 1 starts. Idempotent. (B1) */
    useCredit: { request: UseCreditRequest; input: UseCreditRequestInput; response: UseCreditResponse };
  };
}

/** The data of every event, by its CloudEvents type. */
export interface Events {
  /** Credits were granted to an organisation. */
  "org.partake.billing.credits-granted.v1": CreditsGranted;
  /** One credit was set aside for a participant who is invited. */
  "org.partake.billing.credit-held.v1": CreditHeld;
  /** A held credit was given back. */
  "org.partake.billing.credit-released.v1": CreditReleased;
  /** One credit was used: one participant, one project, one month. */
  "org.partake.billing.credit-used.v1": CreditUsed;
  /** A role that was given, changed or taken. One message per grant; the highest version of a grant counts. */
  "org.partake.grant.changed.v1": GrantChanged;
  /** The right that a folder's manager derives for one project was taken, or given back. The highest version counts. */
  "org.partake.withheld-right.changed.v1": WithheldRightChanged;
  /** A person was disabled or enabled, or closed their account. */
  "org.partake.user.changed.v1": UserChanged;
  /** An organisation's state or one of its switches changed. */
  "org.partake.organisation.changed.v1": OrganisationChanged;
  /** Says every second that identity is there; silence makes live grants stale. On a topic of its own: who keeps a copy of what `roles` tells need not wake up for it. */
  "org.partake.identity.heartbeat.v1": Heartbeat;
  /** A log-in was ended by its person, by logging out or because its refresh token was stolen, or a credential of a service account was removed: access tokens that came of it count no more. */
  "org.partake.session.ended.v1": SessionEnded;
  /** Where a project lies and what of it decides access. */
  "org.partake.project.scope-changed.v1": ProjectScopeChanged;
  /** A folder was deleted 30 days ago and cannot come back: whoever keeps something of it lets go of it. */
  "org.partake.folder.removed.v1": FolderRemoved;
  /** The admins were asked to delete a project, or that was answered: whom it concerns is told. */
  "org.partake.deletion-request.changed.v1": DeletionRequestChanged;
  /** A contact's projects, linked account or existence changed. */
  "org.partake.contact.scope-changed.v1": ContactScopeChanged;
  /** A participation took another state, level or peer review. */
  "org.partake.participation.changed.v1": ParticipationChanged;
  /** Something was logged: for notifications and live streams, which read the rest from the progress service. */
  "org.partake.activity.recorded.v1": Activity;
  /** A notification was made for a user. */
  "org.partake.notification.created.v1": NotificationCreated;
  /** Something that the audit trail keeps: identity seals it into the organisation's chain. */
  "org.partake.audit.recorded.v1": AuditRecorded;
  /** A participant, or staff on their behalf, answered a question card. */
  "org.partake.progress.answer-recorded.v1": AnswerRecorded;
  /** A participant, or staff on their behalf, posted a story or a tip. */
  "org.partake.progress.story-posted.v1": StoryPosted;
  /** Somebody commented on a participant's post. */
  "org.partake.progress.comment-posted.v1": CommentPosted;
}
