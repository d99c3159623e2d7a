// Says times in the reader's own, and answers by the same requests as any other client.
const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const done = {
  delete: "The project is deleted. For 30 days an admin can restore it.",
  decline: "Declined: the project stays, and whoever asked is told.",
  withdraw: "The request is taken back.",
};
const texts = {
  401: "Your log-in has ended. Log in again in another tab, come back here and try once more.",
  403: "You may not do this any more.",
  404: "This is not there for you any more.",
  409: "Somebody has answered this already. Load the page again to see how.",
  412: "The project was changed since you opened this page. Load the page again, and then decide.",
  429: "That was too often. Please wait a minute and try again.",
};
const failed = "This did not work. Please try again in a moment.";
const sure = "Delete this project? It stops at once for everybody.";

for (const time of document.querySelectorAll("time")) time.textContent = clock.format(new Date(time.dateTime));

const form = document.querySelector("#answer");
const told = document.querySelector("#told");
// What is sent again, because its answer was lost, is the same answer under the same key.
const keys = { decline: crypto.randomUUID(), withdraw: crypto.randomUUID() };
let isBusy = false;

function send(chosen) {
  const { request, project, version, organisation } = form.dataset;
  const headers = { "partake-csrf": "1", "partake-organisation": organisation };
  if (chosen === "delete") {
    const sent = { method: "DELETE", headers: { ...headers, "if-match": `"${version}"` } };
    return fetch(`/v1/projects/${project}`, sent);
  }
  const answer = form.text?.value.trim();
  const body = JSON.stringify(chosen === "decline" && answer ? { answer } : {});
  const more = { "content-type": "application/json", "idempotency-key": keys[chosen] };
  const path = `/v1/deletion-requests/${request}:${chosen}`;
  return fetch(path, { method: "POST", headers: { ...headers, ...more }, body });
}

function tell(text, isGood) {
  told.textContent = text;
  told.className = isGood ? "good" : "problem";
}

// What was pressed goes; whoever uses the keyboard goes on at what is said instead.
function finish(chosen) {
  tell(done[chosen], true);
  for (const part of [...form.children]) if (part !== told) part.remove();
  told.tabIndex = -1;
  told.focus();
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  const chosen = event.submitter?.value ?? "decline";
  if (isBusy || (chosen === "delete" && !confirm(sure))) return;
  isBusy = true;
  tell("Sending …", true);
  const { ok, status } = await send(chosen).catch(() => ({ ok: false, status: 0 }));
  if (ok) finish(chosen);
  else tell(texts[status] ?? failed, false);
  isBusy = false;
});
