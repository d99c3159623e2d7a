/** The words of a name as they are searched: lower case, without accents, each once. */
export function nameWords(name: string): string[] {
  return [...new Set(plain(name).split(/[^\p{L}\p{N}]+/u))].filter((word) => word.length > 0).slice(0, 20);
}

/** The beginnings that every match must have among its words. */
export function searchedWords(text: string): string[] {
  return nameWords(text).slice(0, 5);
}

function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLocaleLowerCase("en");
}
