// Makes a code for a participation and shows it on a sheet, once. It is in no address, and in nothing that this browser keeps.
const texts = {
  invited_by_email: "This person was invited by e-mail. End the participation and enrol them anew, to be invited on paper.",
  not_invited_yet: "They are not enrolled yet. Try again in a moment.",
  participation_ended: "This participation has ended.",
  other_ways_in: "No code can be made for this account: it has an address to log in with, or is used for more than you look after.",
  too_many_codes: "Too many codes were made for this person today. Try again tomorrow.",
  no_role: "Only who may enrol people can make a code.",
  level_too_low: "Only who may see and write everything about this contact can make a code.",
  not_found: "Nothing is at this address, or it is not there for you.",
};
const place = document.querySelector("#printing");
const sheet = document.querySelector("#sheet");
const participationId = location.pathname.split("/")[2];
const here = `${location.pathname}${location.search}`;
// The same press again, after a lost answer, gives the same code.
let key = crypto.randomUUID();

function show(state) {
  const hadFocus = place.contains(document.activeElement);
  for (const part of place.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== state;
  sheet.hidden = state !== "made";
  if (hadFocus) place.querySelector(`[data-for="${state}"]`).focus();
}

function refuse(text) {
  show("refused");
  document.querySelector("#problem").textContent = text;
}

// Where it may lie: in the organisation that the address names or the log-in is for, else in one of the person's.
async function organisations() {
  const named = new URLSearchParams(location.search).get("organisation");
  if (named) return [named];
  const answer = await fetch("/auth/session", { headers: { accept: "application/json" } });
  if (!answer.ok) return [];
  const { organisation, person } = await answer.json();
  const all = [organisation, ...person.organisations.map(({ organisationId }) => organisationId)];
  return [...new Set(all)].filter((id) => id.startsWith("org_"));
}

async function make() {
  const asked = await organisations();
  if (asked.length === 0) return show("log-in");
  for (const organisation of asked) {
    const headers = {
      "content-type": "application/json",
      "idempotency-key": key,
      "partake-csrf": "1",
      "partake-organisation": organisation,
    };
    const answer = await fetch(`/v1/participations/${participationId}/printed-codes`, { method: "POST", headers, body: "{}" });
    if (answer.ok) return fill(await answer.json());
    if (answer.status === 401) return show("log-in");
    const { reason } = await answer.json().catch(() => ({}));
    if (answer.status !== 404) return refuse(texts[reason] ?? "This did not work. Please try again in a moment.");
  }
  refuse(texts.not_found);
}

function fill({ code, address, expiresAt, organisationName, purpose }) {
  key = crypto.randomUUID();
  const day = new Intl.DateTimeFormat("en-GB", { dateStyle: "long" }).format(new Date(expiresAt));
  const written = { organisation: organisationName, address: address.replace(/^https?:\/\//, ""), code, until: day };
  for (const [id, text] of Object.entries(written)) document.querySelector(`#${id}`).textContent = text;
  for (const part of sheet.querySelectorAll("[data-purpose]")) part.hidden = part.dataset.purpose !== purpose;
  show("made");
}

const actions = {
  make,
  print: () => window.print(),
  "log-in": () => location.assign(`/auth/login?prompt=login&return_to=${encodeURIComponent(here)}`),
};

let isBusy = false;
for (const button of place.querySelectorAll("[data-do]")) {
  button.addEventListener("click", async () => {
    if (isBusy) return;
    isBusy = true;
    try {
      await actions[button.dataset.do]();
    } catch {
      refuse("We could not be reached. Please try again when you are connected.");
    }
    isBusy = false;
  });
}

show(place.dataset.session === "none" ? "log-in" : "ask");
