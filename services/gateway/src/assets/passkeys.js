// One's own passkeys, by the public operations. What the device makes is made by the browser; this only carries it.
const texts = {
  unreachable: "We could not be reached. Please try again when you are connected.",
  NotAllowedError: "That was not completed. You can try again.",
  InvalidStateError: "This device has a passkey for your account already.",
  challenge_ended: "That took too long. Please try again.",
  last_passkey: "This is the last way into your account. Add another passkey before you remove it.",
  outside_log_in: "You are logged in through an organisation. To change how you log in, log out and log in by a code or a passkey.",
  passkey_known: "This passkey is in use already.",
  passkey_refused: "Your device's answer could not be trusted. Please try again, or use another device.",
  too_many_passkeys: "You have as many passkeys as there can be. Remove one first.",
  not_found: "It is no longer there.",
  version_mismatch: "It was changed meanwhile. Please look again.",
  otherwise: "This did not work. Please try again in a moment.",
};

const find = (selector, within = document) => within.querySelector(selector);
const place = find("#passkeys");
const form = find("#add");
const canMake = window.PublicKeyCredential !== undefined;

function show(state) {
  const hadFocus = place.contains(document.activeElement);
  for (const part of place.querySelectorAll("[data-for]")) part.hidden = part.dataset.for !== state;
  // What was pressed may be gone: whoever uses the keyboard goes on at what came instead.
  if (hadFocus && state !== "list") find(`[data-for="${state}"]`, place).focus();
}

function tell(text, problem = "") {
  find("#told").textContent = text;
  find("#problem").textContent = problem;
  find("#problem").hidden = problem === "";
}

// Throws what was refused, with its reason as its name; whoever has to log in first is told so.
async function call(method, path, { body, version } = {}) {
  const headers = { accept: "application/json", "partake-csrf": "1", "partake-organisation": "account" };
  if (body !== undefined) headers["content-type"] = "application/json";
  if (method === "POST") headers["idempotency-key"] = crypto.randomUUID();
  if (version !== undefined) headers["if-match"] = `"${version}"`;
  const sent = { method, headers, ...(body !== undefined && { body: JSON.stringify(body) }) };
  const answer = await fetch(`/v1/me/passkeys${path}`, sent).catch(() => refuse("unreachable"));
  if (answer.ok) return answer.status === 204 ? undefined : await answer.json();
  const { reason } = await answer.json().catch(() => ({}));
  if (answer.status === 401) show(reason === "insufficient_user_authentication" ? "anew" : "log-in");
  return refuse(answer.status === 401 ? "logged_out" : reason);
}

function refuse(reason) {
  throw Object.assign(new Error(reason), { name: reason ?? "otherwise" });
}

// One thing at a time, and what goes wrong is said. A button that is disabled would lose the focus, and say nothing.
let isBusy = false;
async function doing(work) {
  if (isBusy) return;
  isBusy = true;
  tell("");
  try {
    tell(await work());
  } catch (error) {
    if (error.name !== "logged_out") tell("", texts[error.name] ?? texts.otherwise);
  }
  isBusy = false;
}

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");

// Browsers read options from JSON by themselves, older ones do not.
function read(json) {
  if (PublicKeyCredential.parseCreationOptionsFromJSON) return PublicKeyCredential.parseCreationOptionsFromJSON(json);
  const excludeCredentials = json.excludeCredentials.map((one) => ({ ...one, id: bytesOf(one.id) }));
  const user = { ...json.user, id: bytesOf(json.user.id) };
  return { ...json, challenge: bytesOf(json.challenge), user, excludeCredentials };
}

async function add() {
  const publicKey = read(await call("POST", ":begin", { body: {} }));
  const { id: credentialId, response } = await navigator.credentials.create({ publicKey });
  const made = {
    clientData: textOf(response.clientDataJSON),
    attestationObject: textOf(response.attestationObject),
    transports: response.getTransports?.() ?? [],
  };
  const { label } = await call("POST", "", { body: { label: form.elements.label.value.trim(), credentialId, ...made } });
  form.reset();
  await list();
  return `“${label}” was added. You can log in with it from now on.`;
}

const dateOf = (text) => new Date(text).toLocaleDateString("en-GB", { dateStyle: "long" });

function about({ device, createdAt, lastUsedAt }) {
  const where = device === "single" ? "On one device" : "Copied to your devices";
  return `${where} · added on ${dateOf(createdAt)} · ${lastUsedAt ? `last used on ${dateOf(lastUsedAt)}` : "not used yet"}`;
}

function rowOf(passkey) {
  const row = find("#row").content.cloneNode(true).firstElementChild;
  const { id, label, version } = passkey;
  const part = (name) => find(`[data-part="${name}"]`, row);
  const button = (name) => find(`.actions [data-do="${name}"]`, row);
  part("label").textContent = label;
  part("about").textContent = about(passkey);
  for (const [name, opened] of [["rename", "renaming"], ["remove", "removing"]]) {
    const [open, asked] = [button(name), part(opened)];
    open.setAttribute("aria-label", `${open.textContent} ${label}`);
    const turn = (isOpen) => {
      tell("");
      asked.hidden = !isOpen;
      find(".actions", row).hidden = isOpen;
      if (isOpen) find("input, button", asked).focus();
      else open.focus();
    };
    open.addEventListener("click", () => turn(true));
    find('[data-do="keep"]', asked).addEventListener("click", () => turn(false));
  }
  part("renaming").elements.label.value = label;
  on(part("renaming"), async (asked) => {
    await call("PATCH", `/${id}`, { body: { label: asked.elements.label.value.trim() }, version });
    await list();
    find(`[data-id="${id}"] [data-do="rename"]`)?.focus();
    return "The name was changed.";
  });
  on(part("removing"), async () => {
    await call("DELETE", `/${id}`, { version });
    await list();
    find("#heading").focus();
    return `“${label}” was removed.`;
  });
  row.dataset.id = id;
  return row;
}

function on(asked, work) {
  asked.addEventListener("submit", (event) => {
    event.preventDefault();
    doing(() => work(asked));
  });
}

async function list() {
  const { items } = await call("GET", "");
  find("#list").replaceChildren(...items.map(rowOf));
  find("#none").hidden = items.length > 0;
  show("list");
}

// A code that was not one's own is noticed by this. (ADR 18)
async function tellOfCode() {
  const answer = await fetch("/auth/session", { headers: { accept: "application/json" } }).catch(() => undefined);
  const { person } = answer?.ok ? await answer.json() : {};
  if (!person?.enteredByCodeAt) return;
  find("#entered strong").textContent = dateOf(person.enteredByCodeAt);
  find("#entered").hidden = false;
}

if (canMake) {
  form.hidden = false;
  find("[data-without-passkeys]").hidden = true;
}
on(form, add);
if (place.dataset.session === "none") show("log-in");
else {
  await doing(async () => (await list(), ""));
  await tellOfCode();
}
