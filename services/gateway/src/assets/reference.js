// Shows only what holds every word that is typed.
const filter = document.querySelector("#filter");
const found = document.querySelector("#found");
const entries = [...document.querySelectorAll("main article")].map((article) => ({
  article,
  link: document.querySelector(`nav a[href="#${CSS.escape(article.id)}"]`)?.closest("li"),
  text: article.textContent.toLowerCase(),
}));

filter.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  let count = 0;
  for (const { article, link, text } of entries) {
    const isShown = words.every((word) => text.includes(word));
    if (isShown) count += 1;
    article.hidden = !isShown;
    if (link) link.hidden = !isShown;
  }
  for (const list of document.querySelectorAll("nav ul")) {
    const isEmpty = !list.querySelector("li:not([hidden])");
    list.hidden = isEmpty;
    list.previousElementSibling.hidden = isEmpty;
  }
  found.textContent = words.length === 0 ? "" : `${count} of ${entries.length} shown`;
});
