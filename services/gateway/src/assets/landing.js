// Tells who is logged in in this browser, and lets them log out.
const place = document.querySelector("#session");

const answer = await fetch("/auth/session", { headers: { accept: "application/json" } });
if (place && answer.ok) {
  const { person } = await answer.json();
  const name = document.createElement("strong");
  name.textContent = person.name || person.email;
  const button = document.createElement("button");
  button.type = "button";
  button.className = "link";
  button.textContent = "Log out";
  button.addEventListener("click", logOut);
  const passkeys = document.createElement("a");
  passkeys.href = "/account/passkeys";
  passkeys.textContent = "Your passkeys";
  place.replaceChildren("You are logged in as ", name, ". ", passkeys, " · ", button);
}

async function logOut() {
  const ended = await fetch("/auth/logout", { method: "POST", headers: { "partake-csrf": "1" } });
  const { logoutUrl } = ended.ok ? await ended.json() : { logoutUrl: "/" };
  location.assign(logoutUrl);
}
