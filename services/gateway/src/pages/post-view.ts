import type { Services } from "@partake/contract";
import { type Html, html } from "./html.ts";
import { timeOf } from "./times.ts";

export type Post = Services["Progress"]["getPost"]["response"];
export type Comments = Services["Progress"]["listComments"]["response"];

export interface ShownPost {
  post: Post;
  /** Absent: not for this reader. */
  comments: Comments | undefined;
  mayAnswer: boolean;
  organisation: string;
  isFirstPage: boolean;
}

type Comment = Comments["items"][number];
type File = Post["files"][number];

const kinds = { answer: "Answer", story: "Story", tip: "Tip" } as const;

/** A post and what was said about it, as a page. Whatever people wrote is text: `html` escapes it. */
export function postBody({ post, comments, mayAnswer, organisation, isFirstPage }: ShownPost): Html {
  const { subjectTitle, kind, author, narrative, files, recordedAt } = post;
  return html`<a class="skip" href="#content">Skip to the post</a>
<main class="page" id="content" tabindex="-1">
<p class="brand"><a href="/">Partake</a></p>
<article>
<p class="small">${kinds[kind as keyof typeof kinds]} by <strong>${nameOf(author)}</strong>, ${timeOf(recordedAt)}</p>
<h1>${subjectTitle ?? `A ${kind}`}</h1>
${answerOf(post)}${textOf(narrative)}${fileList(files, organisation)}
</article>
${comments && thread({ post, comments, organisation, isFirstPage })}
${mayAnswer ? answerForm(post, organisation) : undefined}
</main>`;
}

function answerOf({ value }: Post): Html | undefined {
  if (value === undefined) return undefined;
  const { number, text, date, choices, yes } = value;
  const said = [
    ...(number === undefined ? [] : [String(number)]),
    ...(text ? [text] : []),
    ...(date ? [date] : []),
    ...(yes === undefined ? [] : [yes ? "Yes" : "No"]),
    ...choices,
  ];
  return said.length === 0
    ? undefined
    : html`<p class="value">${said.join(", ")}</p>
`;
}

/** A text as it was written: its empty lines divide it. */
function textOf(text: string): Html[] {
  return text
    .split(/\n\s*\n/)
    .filter((paragraph) => paragraph.trim() !== "")
    .map(
      (paragraph) => html`<p class="text">${paragraph.trim()}</p>
`,
    );
}

function fileList(files: readonly File[], organisation: string): Html | undefined {
  if (files.length === 0) return undefined;
  return html`<ul class="files" aria-label="Files">
${files.map(
  ({
    id,
    name,
    size,
  }) => html`<li><a href="/v1/files/${id}?organisation=${organisation}">${name}</a> <span class="small">${sizeOf(size)}</span></li>
`,
)}</ul>
`;
}

function sizeOf(size: number | string): string {
  const kibibytes = Number(size) / 1024;
  return kibibytes < 1024 ? `${Math.max(1, Math.round(kibibytes))} KB` : `${(kibibytes / 1024).toFixed(1)} MB`;
}

interface Thread {
  post: Post;
  comments: Comments;
  organisation: string;
  isFirstPage: boolean;
}

function thread({ post, comments, organisation, isFirstPage }: Thread): Html {
  const { items, nextCursor } = comments;
  const roots = rootsOf(items);
  const begun = items.filter(({ id }) => roots.get(id) === id);
  const more = new URLSearchParams({ organisation, cursor: nextCursor });
  return html`<section aria-labelledby="said">
<h2 id="said">What was said</h2>
${items.length === 0 ? html`<p id="nothing">Nothing so far.</p>` : undefined}
${isFirstPage ? undefined : html`<p><a href="/posts/${post.id}?organisation=${organisation}">To the beginning</a></p>`}
<ol class="thread" id="thread">
${begun.map((comment) => {
  const replies = items.filter(({ id }) => id !== comment.id && roots.get(id) === comment.id);
  return html`<li>${commentOf(comment)}${
    replies.length === 0 ? undefined : html`<ol>${replies.map((reply) => html`<li>${commentOf(reply)}</li>`)}</ol>`
  }</li>
`;
})}</ol>
${nextCursor ? html`<p><a class="button" href="/posts/${post.id}?${more.toString()}">More</a></p>` : undefined}
</section>`;
}

/** Where each comment's thread begins; an answer to what is not on this page begins one here. They are in order of time. */
function rootsOf(items: readonly Comment[]): ReadonlyMap<string, string> {
  const roots = new Map<string, string>();
  for (const { id, replyTo } of items) roots.set(id, roots.get(replyTo ?? "") ?? id);
  return roots;
}

function commentOf({ author, createdAt, text }: Comment): Html {
  const part = author?.part === "staff" ? html` <span class="mark">staff</span>` : undefined;
  return html`<p class="small"><strong>${nameOf(author)}</strong>${part}, ${timeOf(createdAt)}</p>
${textOf(text)}`;
}

function nameOf(author: Post["author"]): string {
  return author?.name || "Somebody";
}

function answerForm({ id }: Post, organisation: string): Html {
  return html`<form id="answer" data-post="${id}" data-organisation="${organisation}">
<h2 id="answering">Answer</h2>
<label for="text">Your answer</label>
<textarea id="text" name="text" rows="4" maxlength="4000" required></textarea>
<p><button type="submit">Send</button></p>
<p id="told" role="status"></p>
</form>
<noscript><p class="problem">Answering needs JavaScript: it shows that the answer comes from this page and not from another one.</p></noscript>`;
}
