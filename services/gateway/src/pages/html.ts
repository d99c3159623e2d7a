/** Text that is HTML already. Everything else that a template takes in is escaped. */
export interface Html {
  readonly html: string;
}

type Part = string | number | Html | readonly Html[] | undefined;

/** A template of HTML: its values are escaped unless they are HTML themselves. */
export function html(strings: TemplateStringsArray, ...values: readonly Part[]): Html {
  const rest = values.map((value, index) => `${embed(value)}${strings[index + 1] ?? ""}`);
  return { html: `${strings[0] ?? ""}${rest.join("")}` };
}

function embed(value: Part): string {
  if (value === undefined) return "";
  if (typeof value === "string" || typeof value === "number") return escaped(String(value));
  if ("html" in value) return value.html;
  return value.map((part) => part.html).join("");
}

/** A text of the contract, where a name between back-quotes is code. */
export function prose(text: string | undefined): Html {
  const pieces = (text ?? "").split("`");
  return html`${pieces.map((piece, index) => (index % 2 === 1 ? html`<code>${piece}</code>` : html`${piece}`))}`;
}

const entities: Readonly<Record<string, string>> = {
  "&": "&amp;",
  "<": "&lt;",
  ">": "&gt;",
  '"': "&quot;",
  "'": "&#39;",
};

function escaped(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? "");
}
