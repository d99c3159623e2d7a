// Accepts an invitation. Its secret comes in the fragment of the link and leaves this page only in the body of one request.
const kept = "partake-invitation";
const form = /^[A-Za-z0-9_-]{43}$/;
const texts = {
  unreachable: "We could not be reached. Nothing is lost: please try again when you are connected.",
  invitation_expired: "This invitation has expired. Ask whoever invited you for a new one.",
  invitation_used: "This invitation was accepted before. If that was you, just log in.",
  invitation_withdrawn: "This invitation was withdrawn. Ask whoever invited you.",
  invitation_not_found: "There is no such invitation for the address that you are logged in with. Use the address at which you got it.",
};

const place = document.querySelector("#invitation");
const actions = { "log-in": logIn, accept, again: accept, switch: switchAddress };

function show(state) {
  const hadFocus = place.contains(document.activeElement);
  for (const part of place.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== state;
  place.dataset.state = state;
  // The button that was pressed is gone: whoever uses the keyboard goes on at what came instead.
  if (hadFocus) place.querySelector(`[data-for="${state}"]`).focus();
}

function takeSecret() {
  const given = location.hash.slice(1).replace(/^token=/, "");
  if (form.test(given)) sessionStorage.setItem(kept, given);
  // Neither the address bar nor the history goes on holding it.
  if (location.hash !== "") history.replaceState(null, "", location.pathname);
  return sessionStorage.getItem(kept);
}

function logIn() {
  location.assign("/auth/login?return_to=/invitations");
}

function switchAddress() {
  location.assign("/auth/login?return_to=/invitations&prompt=login");
}

async function accept() {
  const headers = {
    "content-type": "application/json",
    "idempotency-key": await keyOf(secret),
    "partake-csrf": "1",
    "partake-organisation": "account",
  };
  const body = JSON.stringify({ token: secret });
  const answer = await fetch("/v1/invitations:accept", { method: "POST", headers, body });
  if (answer.ok) {
    sessionStorage.removeItem(kept);
    return show("accepted");
  }
  if (answer.status === 401) return show("log-in");
  const { reason } = await answer.json().catch(() => ({}));
  refused(texts[reason] ?? "This did not work. Please try again in a moment.");
}

function refused(text) {
  show("refused");
  document.querySelector("#problem").textContent = text;
}

// The same invitation under the same key: pressing twice, or again after a lost answer, accepts once.
async function keyOf(text) {
  const digest = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(`accept ${text}`));
  return [...new Uint8Array(digest)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

async function start() {
  if (!form.test(secret ?? "")) return show("missing");
  if (place.dataset.session === "none") return show("log-in");
  const answer = await fetch("/auth/session", { headers: { accept: "application/json" } });
  if (!answer.ok) return show("log-in");
  const { person } = await answer.json();
  document.querySelector("#person").textContent = person.email || person.name;
  show("accept");
}

// A button that is disabled would lose the focus, and say nothing.
let isBusy = false;
for (const button of place.querySelectorAll("[data-do]")) {
  button.addEventListener("click", async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      await actions[button.dataset.do]();
    } catch {
      refused(texts.unreachable);
    }
    isBusy = false;
  });
}

const secret = takeSecret();
await start();
