// The door of @partake/testing: people and their mail, as a client of the platform would meet them.
export { CookieJar } from "./cookies.ts";
export { idOf, newId } from "./ids.ts";
export { type LoggedIn, type LogInOptions, logIn } from "./log-in.ts";
export { type Mail, mailsTo, readMail } from "./mailbox.ts";
export { type Visitor, visit } from "./visitor.ts";
