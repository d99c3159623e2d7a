// Shows only what holds every word that is typed.
const filter = document.querySelector("#filter");
const entries = [...document.querySelectorAll("main article")].map((article) => ({
  article,
  link: document.querySelector(`nav a[href="#${article.id}"]`)?.closest("li"),
  text: article.textContent.toLowerCase(),
}));

filter.addEventListener("input", () => {
  const words = filter.value.toLowerCase().split(/\s+/).filter(Boolean);
  for (const { article, link, text } of entries) {
    const isShown = words.every((word) => text.includes(word));
    article.hidden = !isShown;
    if (link) link.hidden = !isShown;
  }
});
