/** The words of a title as they are searched: lower case, without accents, each once. */
export function titleWords(title: string): string[] {
  return [...new Set(plain(title).split(/[^\p{L}\p{N}]+/u))].filter((word) => word.length > 0).slice(0, 30);
}

/** By what titles are put into alphabetical order. */
export function titleKey(title: string): string {
  return plain(title).trim();
}

/** A pattern for each beginning of a word that a match must have; words hold letters and digits only. */
export function searchedBeginnings(text: string): RegExp[] {
  return titleWords(text)
    .slice(0, 5)
    .map((word) => new RegExp(`^${word}`));
}

function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLocaleLowerCase("en");
}
