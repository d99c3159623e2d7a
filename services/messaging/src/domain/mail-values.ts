import { failure } from "@partake/failure";
import { inert } from "./inert-text.ts";

export const TEMPLATES = [
  "login_code",
  "colleague_invitation",
  "participant_invitation",
  "comment_notice",
  "redaction_ending",
  "email_change_code",
  "email_changed",
  "passkey_added",
  "passkey_removed",
  "deletion_requested",
] as const;
export type TemplateName = (typeof TEMPLATES)[number];

/** What a template says beside its own words. */
export interface MailValues {
  code: string;
  link: string;
  /** The organisation's name, made inert; may be empty. */
  organisation: string;
  /** Who invites, made inert; may be empty. */
  sender: string;
}

/**
 * The values of a template, checked: a code is digits, a link leads to this platform and nowhere else. What a template does not
 * know is left out. Throws `invalid` with a pointer; the message never repeats the value.
 */
export function mailValues(
  template: TemplateName,
  given: Readonly<Record<string, string>>,
  origin: string,
): MailValues {
  const named = { organisation: inert(given["organisation"] ?? ""), sender: inert(given["sender"] ?? "") };
  if (template === "login_code" || template === "email_change_code") {
    const code = given["code"] ?? "";
    if (!/^\d{6,8}$/.test(code)) throw wrong("/values/code", "A code of six to eight digits.");
    return { code, link: "", ...named };
  }
  const link = given["link"] ?? "";
  if (!leadsTo(link, origin)) throw wrong("/values/link", "An address of this platform.");
  return { code: "", link, ...named };
}

function leadsTo(link: string, origin: string): boolean {
  if (!URL.canParse(link)) return false;
  const url = new URL(link);
  const isPlain = url.username === "" && url.password === "" && !/[\s<>"']/.test(link);
  return isPlain && url.origin === new URL(origin).origin;
}

function wrong(pointer: string, message: string) {
  return failure("invalid", "wrong_value", { errors: [{ pointer, code: "format", message }] });
}
