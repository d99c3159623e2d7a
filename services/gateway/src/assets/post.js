// Says times in the reader's own, and sends an answer by the same request as any other client.
const clock = new Intl.DateTimeFormat(undefined, { dateStyle: "long", timeStyle: "short" });
const texts = {
  401: "Your log-in has ended. Log in again in another tab, come back here and send it once more: your text stays.",
  403: "You may not answer here any more.",
  404: "This is not there for you any more.",
  429: "That was too often. Please wait a minute and send it again.",
};
const failed = "This did not work. Your text is still here: please send it again in a moment.";

for (const time of document.querySelectorAll("time")) time.textContent = clock.format(new Date(time.dateTime));

const form = document.querySelector("#answer");
const told = document.querySelector("#told");
let isBusy = false;
// A text that is sent again, because its answer was lost, is the same text under the same key.
let sent = { text: "", key: "" };

async function send() {
  const text = form.text.value.trim();
  if (text === "") return tell("Write something first.", false);
  if (sent.text !== text) sent = { text, key: crypto.randomUUID() };
  const headers = {
    "content-type": "application/json",
    "idempotency-key": sent.key,
    "partake-csrf": "1",
    "partake-organisation": form.dataset.organisation,
  };
  const path = `/v1/posts/${form.dataset.post}/comments`;
  const answer = await fetch(path, { method: "POST", headers, body: JSON.stringify({ text }) });
  if (!answer.ok) return tell(texts[answer.status] ?? failed, false);
  append(await answer.json());
  form.reset();
  sent = { text: "", key: "" };
  tell("Your answer is there.", true);
}

function append({ author, text, createdAt }) {
  const item = document.createElement("li");
  const head = document.createElement("p");
  head.className = "small";
  const name = document.createElement("strong");
  name.textContent = author.name || "You";
  head.append(name, `, ${clock.format(new Date(createdAt))}`);
  const body = document.createElement("p");
  body.className = "text";
  body.textContent = text;
  item.append(head, body);
  document.querySelector("#nothing")?.remove();
  document.querySelector("#thread").append(item);
}

function tell(text, isGood) {
  told.textContent = text;
  told.className = isGood ? "good" : "problem";
}

form?.addEventListener("submit", async (event) => {
  event.preventDefault();
  if (isBusy) return;
  isBusy = true;
  tell("Sending …", true);
  try {
    await send();
  } catch {
    tell(failed, false);
  }
  isBusy = false;
});
