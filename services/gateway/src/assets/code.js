// Accepts an invitation by the code on paper, for somebody who is logged in. The code leaves this page only in the body of a request.
const texts = {
  invitation_used: "This invitation was accepted before.",
  invitation_expired: "This code has ended. Ask whoever gave it to you for a new one.",
  invitation_withdrawn: "This invitation was withdrawn. Ask whoever gave it to you.",
  contact_linked: "You take part with another account already. Log in to that one.",
  unreachable: "We could not be reached. Nothing is lost: please try again when you are connected.",
};
// What a code is for is told to nobody who does not prove to be meant: this fits one that is mistyped, another person's, or for
// coming back.
const wrong =
  "This code does not work with this account. If you are somebody else, set up this device for yourself (below). Else look again at the paper, or ask whoever gave it to you for a new one.";
const place = document.querySelector("#code");
const problem = document.querySelector("#problem");
const typed = document.querySelector("#typed");

function show(state) {
  const hadFocus = place.contains(document.activeElement);
  for (const part of place.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== state;
  place.dataset.state = state;
  if (hadFocus) place.querySelector(`[data-for="${state}"]`).focus();
}

function refuse(text) {
  problem.textContent = text;
  problem.hidden = false;
  typed.focus();
}

// The same code under the same key: pressing twice, or again after a lost answer, accepts once.
async function keyOf(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`accept ${text}`));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function accept() {
  problem.hidden = true;
  const printedCode = typed.value.trim();
  const headers = {
    "content-type": "application/json",
    "idempotency-key": await keyOf(printedCode),
    "partake-csrf": "1",
    "partake-organisation": "account",
  };
  const body = JSON.stringify({ printedCode });
  const answer = await fetch("/v1/invitations:accept", { method: "POST", headers, body });
  if (answer.ok) {
    typed.value = "";
    return show("accepted");
  }
  if (answer.status === 401) return show("begin");
  const { reason } = await answer.json().catch(() => ({}));
  refuse(texts[reason] ?? wrong);
}

let isBusy = false;
document.querySelector("#entry").addEventListener("submit", async (event) => {
  event.preventDefault();
  if (isBusy) return;
  isBusy = true;
  await accept().catch(() => refuse(texts.unreachable));
  isBusy = false;
});

const answer = await fetch("/auth/session", { headers: { accept: "application/json" } }).catch(() => undefined);
if (answer?.ok) {
  const { person } = await answer.json();
  document.querySelector("#person").textContent = person.email || person.name;
  show("enter");
} else show("begin");
