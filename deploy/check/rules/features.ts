import { idsIn } from "../../features/rows.ts";
import { type Breach, isTest, type Source } from "../source.ts";

/** A test names a feature by an id that there is, or it proves a feature that nobody asked for. */
export function features({ file, lines, code }: Source, ids: ReadonlySet<string>): Breach[] {
  if (!isTest(file)) return [];
  return lines.flatMap((text, index) => {
    // What shows as code is a list, not a name.
    const named = [...text].map((character, at) => (code[index]?.[at] === character ? " " : character)).join("");
    const unknown = idsIn(named).filter((id) => !ids.has(id));
    return unknown.map((id) => ({ file, line: index + 1, rule: `${id} is no row of docs/features.md.` }));
  });
}
