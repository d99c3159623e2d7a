/** Text of people as it may stand in a mail: on one line, and nothing of it an address that a mail program turns into a link. */
export function inert(text: string, maximum = 120): string {
  const line = text
    .normalize("NFC")
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]/gu, " ")
    .replace(/\s+/g, " ")
    .trim();
  // A zero-width space keeps the words as they look and takes away what makes them an address.
  return [...line]
    .slice(0, maximum)
    .join("")
    .replace(/([\p{L}\p{N}])([.@:])(?=[\p{L}\p{N}/])/gu, "$1$2\u200b");
}

const ENTITIES: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

export function escapeHtml(text: string): string {
  return text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
