import { listPage, mailPage, missingPage, pageHeaders } from "./page.ts";
import type { MailStore } from "./store.ts";

export interface MailboxRequest {
  method: string | undefined;
  url: string | undefined;
  host: string | undefined;
  store: MailStore;
}

export interface MailboxReply {
  status: number;
  headers: Record<string, string>;
  body: string;
}

const jsonHeaders = {
  "content-type": "application/json; charset=utf-8",
  "x-content-type-options": "nosniff",
  "cache-control": "no-store",
};

/** The mailbox's page and its JSON interface. */
export function answerMailbox(request: MailboxRequest): MailboxReply {
  // A page of another site could reach this server under a name of its own (DNS rebinding): only local names are served.
  if (!isLocalHost(request.host)) return json(421, { title: "This server has only local names." });
  const url = URL.parse(request.url ?? "/", "http://localhost");
  if (url === null) return json(400, { title: "This is no address." });
  const method = request.method === "HEAD" ? "GET" : request.method;
  const id = /\/messages\/([\w-]+)$/.exec(url.pathname)?.[1] ?? "";
  const to = url.searchParams.get("to") || undefined;
  switch (`${method} ${id === "" ? url.pathname : url.pathname.replace(id, "{id}")}`) {
    case "GET /":
      return page(200, listPage({ mails: list(request.store, to), to }));
    case "GET /messages/{id}": {
      const mail = request.store.find(id);
      return mail === undefined ? page(404, missingPage()) : page(200, mailPage(mail));
    }
    case "GET /api/messages":
      return json(200, list(request.store, to));
    case "GET /api/messages/{id}":
      return json(...found(request.store.find(id)));
    case "DELETE /api/messages":
      request.store.clear();
      return { status: 204, headers: {}, body: "" };
    default:
      return json(404, { title: "Nothing is here. The page is /, the interface /api/messages." });
  }
}

function list(store: MailStore, to: string | undefined) {
  return store.list(to === undefined ? {} : { to });
}

function found(mail: unknown): [status: number, value: unknown] {
  return mail === undefined ? [404, { title: "No such message." }] : [200, mail];
}

function isLocalHost(host: string | undefined): boolean {
  return /^(localhost|127\.0\.0\.1|\[::1\])(:\d+)?$/i.test(host ?? "");
}

function page(status: number, body: string): MailboxReply {
  return { status, headers: pageHeaders, body };
}

function json(status: number, value: unknown): MailboxReply {
  return { status, headers: jsonHeaders, body: JSON.stringify(value) };
}
