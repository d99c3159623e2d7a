import { noticePage } from "./login-pages.ts";

const notSetUp = "The application that sent you here is not set up to log people in. Please tell whoever runs it.";
const away = "Nothing is lost. Please try again in a few minutes.";

/** By the words of RFC 6749 (4.1.2.1, 5.2) and OpenID Connect. */
const notices: Readonly<Record<string, [title: string, text: string]>> = {
  invalid_client: ["This did not work", notSetUp],
  invalid_redirect_uri: ["This did not work", notSetUp],
  unauthorized_client: ["This did not work", notSetUp],
  server_error: ["Logging in does not work just now", away],
  temporarily_unavailable: ["Logging in does not work just now", away],
};

/** What a person reads where the provider refuses what an application asked. Its own words, for whoever wrote that, are in its JSON. */
export function errorPage(error: string): string {
  const [title, text] = notices[error] ?? [
    "This did not work",
    "The link that led here is not whole, or too old. Please go back to where you came from and begin anew.",
  ];
  return noticePage(title, text, error);
}

/** Of an address under which the provider has nothing. */
export function missingPage(): string {
  return noticePage(
    "There is nothing here",
    "Perhaps the address was mistyped. Please go back to where you came from.",
  );
}
