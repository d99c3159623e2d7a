/** The words by which a colleague is found: of their name and their address, lower case, without accents, each once. */
export function colleagueWords(of: { name: string; email?: string | undefined }): string[] {
  return [...new Set([...words(of.name).slice(0, 12), ...words(of.email ?? "").slice(0, 8)])];
}

/** The beginnings that each match must have among its words. */
export function searchedWords(text: string): string[] {
  return [...new Set(words(text))].slice(0, 5);
}

/** What lists of colleagues are sorted by; who has no name yet stands under their address. */
export function sortName(of: { name: string; email?: string | undefined }): string {
  return plain(of.name.trim() === "" ? (of.email ?? "") : of.name.trim()).slice(0, 120);
}

function words(text: string): string[] {
  return plain(text)
    .split(/[^\p{L}\p{N}]+/u)
    .filter((word) => word.length > 0);
}

function plain(text: string): string {
  return text
    .normalize("NFKD")
    .replace(/\p{M}+/gu, "")
    .toLocaleLowerCase("en");
}
