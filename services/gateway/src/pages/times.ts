import { type Html, html } from "./html.ts";

const clock = new Intl.DateTimeFormat("en-GB", { dateStyle: "long", timeStyle: "short", timeZone: "UTC" });

/** An instant; the page's script says it in the reader's own time. */
export function timeOf(instant: string): Html {
  return html`<time datetime="${instant}">${clock.format(new Date(instant))} UTC</time>`;
}
