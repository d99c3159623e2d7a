// Lists of words that are declared once for all who use them, as options of a file.
import protobuf from "protobufjs";
import type { Word } from "./model.ts";
import { entries, OptionReader } from "./protos.ts";

export type Vocabularies = ReadonlyMap<string, readonly Word[]>;

const names = ["audit_action"];
const wordForm = /^[a-z]+(_[a-z]+)*\.[a-z]+(_[a-z]+)*$/;

export function readVocabularies(root: protobuf.Root): Vocabularies {
  const found = root.lookup("partake.v1");
  const declared = found instanceof protobuf.Namespace ? entries(found) : [];
  return new Map(names.map((name) => [name, wordsOf(name, declared)]));
}

function wordsOf(name: string, declared: readonly [string, unknown][]): Word[] {
  const words = declared.flatMap(([option, value]) =>
    option === `(${name})` || option === `(partake.v1.${name})` ? [readWord(name, value)] : [],
  );
  const [unsorted] = words.filter(({ word }, at) => at > 0 && (words[at - 1]?.word ?? "") >= word);
  if (unsorted) throw new Error(`${name}: ${unsorted.word} is there twice, or not in its place`);
  return words;
}

function readWord(name: string, value: unknown): Word {
  const reader = new OptionReader(name, value, ["word", "is"]);
  const [word, is] = [reader.string("word") ?? "", reader.string("is") ?? ""];
  if (!wordForm.test(word)) throw new Error(`${name}: malformed word ${word}`);
  if (!is.endsWith(".")) throw new Error(`${name}: ${word} is not said in a sentence`);
  return { word, is };
}

/** docs/reference/audit.md: every word of the audit trail. */
export function auditReference({ vocabularies }: { vocabularies: Vocabularies }): string {
  const rows = (vocabularies.get("audit_action") ?? []).map(({ word, is }) => `| \`${word}\` | ${is} |`);
  return [
    "# The words of the audit trail",
    "",
    "Generated from `proto/partake/v1/audit.proto` by `npm run generate -w @partake/contract`. Do not edit. A service can use no other.",
    "",
    "| action | what it says |",
    "|---|---|",
    ...rows,
    "",
  ].join("\n");
}
