import { readFileSync } from "node:fs";
import { expect, test } from "vitest";
import { people, settings } from "./people.ts";
import { peopleOf, type Standing, standings } from "./standings.ts";
import { sentences, type Table, tables } from "./transcription.ts";

const page = readFileSync(new URL("../../../docs/roles.md", import.meta.url), "utf8");

test("[R1] the transcription of roles.md is the page, cell for cell", () => {
  expect(tablesOf(page)).toEqual(tables);
});

test("[R1] and its sentences are on the page", () => {
  const text = page.replace(/\s+/g, " ");
  expect(sentences.filter((sentence) => !text.includes(sentence))).toEqual([]);
});

const standing = Object.entries(standings) as [keyof typeof standings, Record<string, Standing>][];

test("[R1 R10 R22] every row and column of the page that is a kind of person has one in the matrix", () => {
  const missing = standing.flatMap(([table, words]) =>
    Object.entries(words).flatMap(([word, stands]) => (people.some(stands) ? [] : [`${table}: ${word}`])),
  );
  expect(missing).toEqual([]);
  for (const [table, words] of standing) expect(Object.keys(words).sort()).toEqual(peopleOf(table).sort());
  // The one table without people is that of the settings, each of which is an organisation.
  expect([...standing.map(([table]) => table), "Two presets"].sort()).toEqual(Object.keys(tables).sort());
  expect([...new Set(settings.map(({ preset }) => preset))]).toEqual(tables["Two presets"].columns);
});

/** The tables of the page by the heading above them. */
function tablesOf(markdown: string): Record<string, Table> {
  const found: Record<string, { columns: string[]; rows: Record<string, string[]> }> = {};
  for (const section of markdown.split(/^## /m).slice(1)) {
    const [head, , ...rows] = section.split("\n").filter((line) => line.startsWith("|"));
    if (head === undefined) continue;
    const title = section.slice(0, section.indexOf("\n"));
    const [, ...columns] = cellsOf(head);
    found[title] = {
      columns,
      rows: Object.fromEntries(rows.map(cellsOf).map(([name = "", ...cells]) => [name, cells])),
    };
  }
  return found;
}

function cellsOf(line: string): string[] {
  return line
    .trim()
    .slice(1, -1)
    .split("|")
    .map((cell) => cell.trim());
}
