import type { Services } from "@partake/contract";
import { type Html, html } from "./html.ts";
import { timeOf } from "./times.ts";

type DeletionRequest = Services["Projects"]["getDeletionRequest"]["response"];
type Project = Services["Projects"]["getProject"]["response"];

export interface ShownDeletionRequest {
  request: DeletionRequest;
  project: Project;
  mayDelete: boolean;
  mayWithdraw: boolean;
  organisation: string;
}

/** That somebody asks to delete a project, as a page. Whatever people wrote is text: `html` escapes it. */
export function deletionRequestBody(shown: ShownDeletionRequest): Html {
  const { request, project } = shown;
  const { requesterName, requestedAt, reason } = request;
  return html`<a class="skip" href="#content">Skip to the request</a>
<main class="page" id="content" tabindex="-1">
<p class="brand"><a href="/">Partake</a></p>
<article>
<p class="small"><strong>${requesterName || "Somebody"}</strong> asks to delete a project, ${timeOf(requestedAt)}</p>
<h1>${project.title}</h1>
<p class="text">${reason}</p>
</article>
${request.state === "open" ? answerForm(shown) : answered(request)}
</main>`;
}

const words = {
  open: "This is not answered yet.",
  withdrawn: "The request was taken back.",
  declined: "The request was declined: the project stays.",
  granted: "The project was deleted as requested, and restored later.",
} as const satisfies Record<DeletionRequest["state"], string>;

function answered({ state, answer, answeredAt }: DeletionRequest): Html {
  return html`<section>
<p>${words[state]}${answeredAt === undefined ? undefined : html` <span class="small">${timeOf(answeredAt)}</span>`}</p>
${answer === undefined ? undefined : html`<p class="text">${answer}</p>`}
</section>`;
}

function answerForm({ request, project, mayDelete, mayWithdraw, organisation }: ShownDeletionRequest): Html {
  if (!mayDelete && !mayWithdraw) return answered(request);
  const { id: projectId, version } = project;
  return html`<form id="answer" data-request="${request.id}" data-organisation="${organisation}" data-project="${projectId}" data-version="${version}">
${
  mayDelete
    ? html`<label for="text">To whoever asked, if you decline <span class="small">(optional)</span></label>
<textarea id="text" name="text" rows="3" maxlength="1000"></textarea>
<p class="small">A deleted project stops at once for everybody. For 30 days an admin can restore it.</p>
<p class="buttons"><button type="submit" name="do" value="decline" class="second">Decline</button>
<button type="submit" name="do" value="delete">Delete the project</button></p>`
    : html`<p>An admin has not answered yet.</p>
<p><button type="submit" name="do" value="withdraw" class="second">Take the request back</button></p>`
}
<p id="told" role="status"></p>
</form>
<noscript><p class="problem">Answering needs JavaScript: it shows that the answer comes from this page and not from another one.</p></noscript>`;
}
