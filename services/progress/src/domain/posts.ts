import { refused } from "./refusal.ts";

export type PostKind = "answer" | "story" | "tip";

/** What of a post can be judged without knowing what it is about. */
export interface PostShape {
  kind: PostKind;
  subjectId?: string | undefined;
  value?: object | undefined;
  narrative: string;
  fileIds: readonly string[];
}

/** Throws `invalid` unless an answer names what it answers, and a story or tip says something and nothing else. */
export function checkPost({ kind, subjectId, value, narrative, fileIds }: PostShape): void {
  if (new Set(fileIds).size !== fileIds.length) throw wrong("/fileIds", "duplicate", "Each file is named once.");
  switch (kind) {
    case "answer":
      if (subjectId === undefined) throw wrong("/subjectId", "required", "An answer says what it answers.");
      return;
    case "story":
    case "tip":
      if (subjectId !== undefined) throw wrong("/subjectId", "not_allowed", "Only an answer answers something.");
      if (value !== undefined) throw wrong("/value", "not_allowed", "Only an answer has a value.");
      if (isEmpty({ narrative, fileIds })) throw wrong("/narrative", "required", "A post says or shows something.");
      return;
    default:
      kind satisfies never;
  }
}

/** Throws `invalid` where an answer holds nothing at all, or no file where one is asked for. */
export function checkAnswer(asked: { kind: string }, answer: Pick<PostShape, "value" | "narrative" | "fileIds">): void {
  if (asked.kind === "file" && answer.fileIds.length === 0) {
    throw wrong("/fileIds", "required", "The answer to this question is a file.");
  }
  if (answer.value === undefined && isEmpty(answer)) throw wrong("/value", "required", "The answer says nothing.");
}

function isEmpty({ narrative, fileIds }: Pick<PostShape, "narrative" | "fileIds">): boolean {
  return narrative.trim() === "" && fileIds.length === 0;
}

function wrong(pointer: string, code: string, message: string) {
  return refused("invalid_request", { pointer, code, message });
}
