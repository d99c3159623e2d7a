import type { Handler } from "../exchange.ts";
import { readCookie } from "../sessions/cookies.ts";
import type { Assets } from "./assets.ts";
import { type Html, html } from "./html.ts";
import { pageAnswer } from "./page.ts";

interface Place {
  address: string;
  title: string;
  text: string;
}

const places: readonly Place[] = [
  {
    address: "/docs",
    title: "API reference",
    text: "Every operation, its parameters, who may call it and how it refuses.",
  },
  {
    address: "/docs/events",
    title: "Event reference",
    text: "What the public Kafka topics carry, without telling who anybody is.",
  },
  { address: "/openapi.json", title: "OpenAPI document", text: "The interface for programs: OpenAPI 3.1." },
  { address: "/asyncapi.json", title: "AsyncAPI document", text: "The events for programs: AsyncAPI 3.0." },
  {
    address: "/.well-known/openid-configuration",
    title: "Log-in for other clients",
    text: "The configuration of the OpenID Provider.",
  },
];

/** Where a person gets to who types the bare address. Who has no session's cookie need not be asked who they are. */
export function landingPage(assets: Assets, sessionCookie: string): Handler {
  const body = html`<main class="wide">
<header class="hero">
<p class="brand">Partake</p>
<h1>People and their progress, in the hands of those who work with them.</h1>
<p class="lead">Charities run projects with the people they serve: they plan together, log what happens, talk about it, and see what changes.</p>
<p id="session" class="session"><a class="button" href="/auth/login">Log in</a></p>
</header>
<nav aria-label="What is here"><ul class="cards">
${places.map(card)}
</ul></nav>
</main>`;
  const plain = pageAnswer(assets, { title: "Welcome", body });
  const withSession = pageAnswer(assets, { title: "Welcome", body, scripts: ["landing.js"] });
  return ({ request }) => (readCookie(request, sessionCookie) === undefined ? plain : withSession);
}

function card({ address, title, text }: Place): Html {
  return html`<li><a href="${address}"><strong>${title}</strong><span>${text}</span></a></li>
`;
}
