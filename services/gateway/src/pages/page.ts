import type { Answer } from "../exchange.ts";
import type { AssetName, Assets } from "./assets.ts";
import { type Html, html } from "./html.ts";

export interface PageContent {
  title: string;
  body: Html;
  styles?: readonly AssetName[];
  scripts?: readonly AssetName[];
  status?: number;
}

/** A whole page of ours: no script but our own files, nothing from elsewhere. */
export function pageAnswer(assets: Assets, content: PageContent): Answer {
  const { title, body, styles = ["page.css"], scripts = [], status = 200 } = content;
  const document = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="robots" content="noindex">
<title>${title} · Partake</title>
<link rel="icon" href="${assets.address("mark.svg")}" type="image/svg+xml">
${styles.map((name) => html`<link rel="stylesheet" href="${assets.address(name)}">`)}
${scripts.map((name) => html`<script type="module" src="${assets.address(name)}"></script>`)}
</head>
<body>
${body}
</body>
</html>
`;
  return {
    status,
    headers: ["content-type", "text/html; charset=utf-8", "cache-control", "no-store"],
    body: document.html,
    kind: "page",
  };
}
