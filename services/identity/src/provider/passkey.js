// Makes a passkey, or logs in with one, on the pages of logging in. The form says which, and where its options are to be had;
// what the device answers is posted by it like everything else. Without this script the page is what it was.
const form = document.querySelector("form[data-passkey]");
const problem = form.querySelector("[role=alert]");
const makes = form.dataset.passkey === "create";
const renewMs = 240_000;
const texts = {
  NotAllowedError: "That was not completed. You can try again.",
  InvalidStateError: "This device has a passkey for this account already.",
  SecurityError: "Passkeys do not work at this address.",
};
let asking = new AbortController();

const bytesOf = (text) =>
  Uint8Array.from(atob(text.replaceAll("-", "+").replaceAll("_", "/")), (character) => character.charCodeAt(0));
const textOf = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer ?? [])))
    .replaceAll("+", "-")
    .replaceAll("/", "_")
    .replace(/=+$/, "");
const described = (known) => (known ?? []).map((one) => ({ ...one, id: bytesOf(one.id) }));

// Browsers read options from JSON by themselves, older ones do not.
function read(json) {
  const reading = makes ? "parseCreationOptionsFromJSON" : "parseRequestOptionsFromJSON";
  if (PublicKeyCredential[reading]) return PublicKeyCredential[reading](json);
  const options = { ...json, challenge: bytesOf(json.challenge) };
  if (!makes) return { ...options, allowCredentials: described(json.allowCredentials) };
  const user = { ...json.user, id: bytesOf(json.user.id) };
  return { ...options, user, excludeCredentials: described(json.excludeCredentials) };
}

async function options() {
  const answer = await fetch(form.dataset.options, { headers: { accept: "application/json" } });
  if (!answer.ok) throw new Error("no options");
  return read(await answer.json());
}

function send({ id, response }) {
  const given = makes
    ? { attestationObject: textOf(response.attestationObject), transports: (response.getTransports?.() ?? []).join(" ") }
    : {
        authenticatorData: textOf(response.authenticatorData),
        signature: textOf(response.signature),
        userHandle: textOf(response.userHandle),
      };
  for (const [name, value] of Object.entries({ credentialId: id, clientData: textOf(response.clientDataJSON), ...given })) {
    const field = document.createElement("input");
    Object.assign(field, { type: "hidden", name, value });
    form.append(field);
  }
  form.submit();
}

// In the list that the browser opens under the address, until a button is pressed. Its challenge is renewed before it ends.
async function suggest() {
  for (;;) {
    asking = new AbortController();
    const renewal = setTimeout(() => asking.abort("renewal"), renewMs);
    try {
      return send(await navigator.credentials.get({ publicKey: await options(), mediation: "conditional", signal: asking.signal }));
    } catch (error) {
      if (error !== "renewal") return;
    } finally {
      clearTimeout(renewal);
    }
  }
}

async function ask(event) {
  event.preventDefault();
  asking.abort("a button was pressed");
  problem.hidden = true;
  try {
    const publicKey = await options();
    send(await navigator.credentials[makes ? "create" : "get"]({ publicKey }));
  } catch (error) {
    problem.textContent = texts[error?.name] ?? "This did not work. Please try again, or load this page anew.";
    problem.hidden = false;
    if (canSuggest) suggest();
  }
}

const canSuggest = !makes && ((await window.PublicKeyCredential?.isConditionalMediationAvailable?.()) ?? false);
if (window.PublicKeyCredential) {
  form.addEventListener("submit", ask);
  form.hidden = false;
  for (const other of document.querySelectorAll("[data-without-passkeys]")) other.hidden = true;
  if (canSuggest) suggest();
}
