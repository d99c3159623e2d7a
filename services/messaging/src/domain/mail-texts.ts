import type { MailValues, TemplateName } from "./mail-values.ts";

/** The words of a mail: paragraphs before and after what it is about, a code or a link. */
export interface MailText {
  subject: string;
  before: readonly string[];
  /** On the button; absent where the mail shows a code. */
  action?: string;
  after: readonly string[];
}

type Words = (values: MailValues) => MailText;

const english: Record<TemplateName, Words> = {
  login_code: () => ({
    subject: "Your log-in code",
    before: ["This is your log-in code:"],
    after: [
      "Type it in where you were asked for it. It works once and for a few minutes.",
      "If you did not ask for it, somebody may have mistyped their address: do nothing, and give the code to nobody.",
    ],
  }),
  colleague_invitation: ({ organisation, sender }) => ({
    subject: organisation ? `${organisation} invites you to work together` : "You are invited to work together",
    before: [colleagueSentence({ organisation, sender })],
    action: "Accept the invitation",
    after: ["The invitation is for you alone and ends after some days. If you did not expect it, do nothing."],
  }),
  participant_invitation: ({ organisation }) => ({
    subject: organisation ? `${organisation} invites you` : "You have an invitation",
    before: [organisation ? `${organisation} has invited you to take part.` : "You are invited to take part."],
    action: "See the invitation",
    after: ["The invitation is for you alone and ends after some days. If you did not expect it, do nothing."],
  }),
  // Nothing of the comment, nor who wrote it or where: others may read somebody's mail.
  comment_notice: () => ({
    subject: "There is something new for you",
    before: ["Somebody has answered you. Log in to read it."],
    action: "Read it",
    after: ["To keep it private, this message says nothing of it."],
  }),
  email_change_code: () => ({
    subject: "Confirm your new address",
    before: ["This code confirms that you can read this address:"],
    after: [
      "Type it in where you asked to change your address. It works once and for a few minutes.",
      "If you did not ask for it, do nothing, and give the code to nobody.",
    ],
  }),
  email_changed: () => ({
    subject: "Your address was changed",
    before: ["Your account has another e-mail address now. You log in with that one from now on."],
    action: "This was not me",
    after: [
      "If it was you, do nothing. If not, undo it within seven days: every log-in ends, and this address counts again.",
    ],
  }),
  passkey_added: () => ({
    subject: "A passkey was added to your account",
    before: ["Somebody who was logged in as you added a passkey. From now on it logs in to your account."],
    action: "See your passkeys",
    after: ["If it was you, do nothing. If not, remove it there and log out everywhere."],
  }),
  passkey_removed: () => ({
    subject: "A passkey was removed from your account",
    before: ["Somebody who was logged in as you removed a passkey. It no longer logs in to your account."],
    action: "See your passkeys",
    after: ["If it was you, do nothing. If not, log in by a code, look at your passkeys and log out everywhere."],
  }),
  // Neither which project nor why: others may read somebody's mail.
  deletion_requested: () => ({
    subject: "You are asked to delete a project",
    before: ["Somebody who manages a project asks its organisation's admins to delete it. You are one of them."],
    action: "See why",
    after: ["Nothing is deleted unless an admin does so. What is deleted can be restored for 30 days."],
  }),
  redaction_ending: ({ organisation }) => ({
    subject: "Redacted access is going to end",
    before: [
      `An admin${organisation ? ` of ${organisation}` : ""} is switching redacted access off. You are told because you manage a project there.`,
      "It ends seven days after every manager was told. From then on admins and managers of folders see the people of your projects, too.",
    ],
    action: "Log in",
    after: ["If somebody should not be seen by them, speak with an admin before that day. They can keep it on."],
  }),
};

function colleagueSentence({ organisation, sender }: Pick<MailValues, "organisation" | "sender">): string {
  const who = [sender, organisation].filter(Boolean).join(", ");
  return who ? `${who}: you are invited as a colleague.` : "You are invited as a colleague.";
}

/** By the language's first part, as in "en-GB"; who has another language gets English until there is a translation. */
const languages: Readonly<Record<string, Record<TemplateName, Words>>> = { en: english };

export function mailText(
  template: TemplateName,
  language: string,
  values: MailValues,
): MailText & { language: string } {
  const wanted = language.split("-")[0]?.toLowerCase() ?? "";
  const spoken = Object.hasOwn(languages, wanted) ? wanted : "en";
  const words = languages[spoken] ?? english;
  return { ...words[template](values), language: spoken };
}
