import type { IncomingMessage, ServerResponse } from "node:http";
import { type Failure, failure } from "@partake/failure";
import { noticePage } from "./login-pages.ts";
import { pageHeaders } from "./pages.ts";

const longestForm = 8 * 1024;

/** Reads a form that was posted. Bounded; of each field the first value. */
export async function readForm(request: IncomingMessage): Promise<ReadonlyMap<string, string>> {
  const type = request.headers["content-type"] ?? "";
  if (!/^application\/x-www-form-urlencoded\s*(;|$)/i.test(type))
    throw failure("unsupported_media_type", "form_expected");
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > longestForm) throw failure("too_large", "form_too_large");
    chunks.push(chunk);
  }
  const form = new Map<string, string>();
  for (const [name, value] of new URLSearchParams(Buffer.concat(chunks).toString("utf8"))) {
    if (!form.has(name)) form.set(name, value);
  }
  return form;
}

export function sendPage(
  response: ServerResponse,
  of: { status?: number; body: string; formTargets?: readonly string[]; offersPasskey?: boolean },
): void {
  const headers = pageHeaders(of.formTargets, { offersPasskey: of.offersPasskey === true });
  response.writeHead(of.status ?? 200, { "content-type": "text/html; charset=utf-8", ...headers });
  response.end(of.body);
}

/** For the script of a page. */
export function sendJson(response: ServerResponse, value: object): void {
  response.writeHead(200, { "content-type": "application/json", ...pageHeaders() });
  response.end(JSON.stringify(value));
}

export function redirect(response: ServerResponse, location: string): void {
  response.writeHead(303, { location, "content-length": "0", ...pageHeaders() });
  response.end();
}

/** The page of a refusal: it says what the person can do, and nothing of what is inside. */
export function sendFailure(response: ServerResponse, of: { failure: Failure; status: number }): void {
  const [title, text] = notices[of.failure.code] ?? [
    "Something went wrong",
    "It is our fault. Please try again in a moment.",
  ];
  if (of.failure.retryAfterMs !== undefined)
    response.setHeader("retry-after", Math.ceil(of.failure.retryAfterMs / 1000));
  sendPage(response, { status: of.status, body: noticePage(title, noticesByReason[of.failure.reason] ?? text) });
}

const notices: Partial<Record<Failure["code"], [string, string]>> = {
  invalid: ["This did not work", "Please go back and start again."],
  not_found: ["There is nothing here", "Please go back to where you came from and log in again."],
  gone: ["This log-in has ended", "It took too long, or was finished elsewhere. Please go back and log in again."],
  forbidden: ["You cannot log in", "Please ask the organisation that invited you."],
  rate_limited: ["Too many tries", "Please wait a while and then try again."],
  unavailable: ["Logging in does not work just now", "Nothing is lost. Please try again in a few minutes."],
  unsupported_media_type: ["This did not work", "Please go back and start again."],
  too_large: ["This did not work", "Please go back and start again."],
  method_not_allowed: ["This did not work", "Please go back and start again."],
};

const noticesByReason: Readonly<Record<string, string>> = {
  account_disabled: "This account is disabled. Please ask the organisation that invited you.",
  email_changed:
    "Your account has another address now. Log in with that one, or undo the change by the link in our mail.",
  email_missing: "Your organisation's log-in did not tell an e-mail address.",
  email_unverified: "Your organisation's log-in says that your e-mail address is not verified.",
  email_domain: "Your e-mail address is not one of those that this log-in is for.",
  other_subject: "Another person of that log-in already uses your e-mail address.",
  outside_refused: "Your organisation's log-in refused, or its answer could not be trusted.",
};
