import type { IncomingMessage, ServerResponse } from "node:http";
import { failure } from "@partake/failure";
import type { Store } from "@partake/store";
import { emailChangeSecrets, undo } from "../email-changes.ts";
import type { Sealing } from "../store/sealing.ts";
import { readForm, sendPage } from "./http.ts";
import { noticePage } from "./login-pages.ts";
import { html, page } from "./pages.ts";

export interface EmailUndo {
  /** Answers /login/undo-email, to which the mail at the old address leads. */
  answer(request: IncomingMessage, response: ServerResponse, query: URLSearchParams): Promise<void>;
}

const changeForm = /^emc_[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Undoing a change of address by whoever reads the old one. Opening the link changes nothing: mail programs open links, too. */
export function emailUndo(parts: { store: Store; sealing: Sealing; clock: { now(): Date } }): EmailUndo {
  const { store, sealing, clock } = parts;
  const secrets = emailChangeSecrets(sealing);
  const check = (changeId: string, key: string) => {
    if (!changeForm.test(changeId) || !secrets.isUndoKey(changeId, key)) throw failure("not_found", "not_found");
  };
  return {
    async answer(request, response, query) {
      if (request.method === "GET") {
        const [change, key] = [query.get("change") ?? "", query.get("key") ?? ""];
        check(change, key);
        return sendPage(response, { body: undoPage(change, key) });
      }
      if (request.method !== "POST") throw failure("method_not_allowed", "method_not_allowed");
      const form = await readForm(request);
      const changeId = form.get("change") ?? "";
      check(changeId, form.get("key") ?? "");
      await undo(store, { changeId, now: clock.now() });
      const text = "Your account has its old address again, and every log-in has ended. You can log in now.";
      sendPage(response, { body: noticePage("It is undone", text) });
    },
  };
}

function undoPage(change: string, key: string): string {
  return page(
    "Undo the change of address?",
    html`<p>Your account gets its old e-mail address back, and every log-in ends.</p>
<form method="post" action="/login/undo-email">
<input type="hidden" name="change" value="${change}">
<input type="hidden" name="key" value="${key}">
<button type="submit">Undo it</button>
</form>`,
  );
}
