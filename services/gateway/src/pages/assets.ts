import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { failure } from "@partake/failure";
import type { Answer, Handler } from "../exchange.ts";

/** Styles and scripts of the pages. Their addresses change with their content, so browsers keep them for good. */
export interface Assets {
  address(name: AssetName): string;
  handler: Handler;
  /** The mark, at the addresses where browsers look for it by themselves. */
  icon: Handler;
}

const types = { css: "text/css; charset=utf-8", js: "text/javascript; charset=utf-8", svg: "image/svg+xml" } as const;
const names = [
  "page.css",
  "reference.css",
  "reference.js",
  "landing.js",
  "invitation.js",
  "post.js",
  "deletion-request.js",
  "passkeys.js",
  "code.js",
  "printing.js",
  "sheet.css",
  "mark.svg",
] as const;
export type AssetName = (typeof names)[number];

export function loadAssets(): Assets {
  const loaded = names.map((name) => load(name));
  const addresses = new Map(loaded.map(({ name, address }) => [name, address]));
  const answers = new Map(loaded.map(({ address, answer }) => [address, answer]));
  const mark = load("mark.svg").answer;
  return {
    address: (name) => addresses.get(name) ?? "",
    handler({ path }) {
      const answer = answers.get(path);
      if (!answer) throw failure("not_found", "not_found");
      return answer;
    },
    icon: () => ({ ...mark, headers: ["content-type", types.svg, "cache-control", "public, max-age=86400"] }),
  };
}

function load(name: AssetName): { name: AssetName; address: string; answer: Answer } {
  const body = readFileSync(fileURLToPath(new URL(`../assets/${name}`, import.meta.url)));
  const digest = createHash("sha256").update(body).digest("base64url").slice(0, 16);
  const [stem = "", extension = ""] = name.split(".");
  const type = types[extension as keyof typeof types];
  const headers = ["content-type", type, "cache-control", "public, max-age=31536000, immutable"];
  return { name, address: `/assets/${stem}.${digest}.${extension}`, answer: { status: 200, headers, body } };
}
