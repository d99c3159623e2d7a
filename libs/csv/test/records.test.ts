import { describe, expect, test } from "vitest";
import { CsvMistake, readCsvRecords } from "../src/records.ts";

const bounds = { mostRecords: 10, mostCells: 4, longestCell: 20 };
const read = (text: string, separator = ",") => readCsvRecords(text, separator, bounds);
const cells = (text: string, separator?: string) => read(text, separator).map((record) => record.cells);

describe("[R21] CSV", () => {
  test.each([
    [
      "a,b\nc,d",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    [
      "a,b\r\nc,d\r\n",
      [
        ["a", "b"],
        ["c", "d"],
      ],
    ],
    ["\u{FEFF}a,b\n", [["a", "b"]]],
    ['"a,b",c', [["a,b", "c"]]],
    ['"a ""b""",c', [['a "b"', "c"]]],
    ['"two\r\nlines",c', [["two\nlines", "c"]]],
    ["a,,\n", [["a", "", ""]]],
    ["a,", [["a", ""]]],
    [",b", [["", "b"]]],
    ['"",b', [["", "b"]]],
    ["\n\na\n\n", [["a"]]],
    ["", []],
    ["\r\n", []],
  ])("%j is read", (text, expected) => {
    expect(cells(text)).toEqual(expected);
  });

  test("its separator is any, and only the one", () => {
    expect(cells("a;b,c", ";")).toEqual([["a", "b,c"]]);
    expect(cells("a\tb", "\t")).toEqual([["a", "b"]]);
  });

  test("each record tells the line on which it ends", () => {
    for (const end of ["\n", "\r\n", "\r"])
      expect(read('a\n\n"b\nc"\nd'.replaceAll("\n", end)).map(({ line }) => line)).toEqual([1, 4, 5]);
  });

  test.each([
    ["a quote that does not end", '"a', 1],
    ["a quote in the middle", 'a"b', 1],
    ["words after a quote", 'a\n"b"c', 2],
    ["too many cells", "a,b,c,d,e", 1],
    ["a cell that is too long", "x".repeat(21), 1],
    ["a quoted cell that is too long", `a\n"${"x".repeat(1_000_000)}`, 2],
  ])("%s is a mistake, and where", (_, text, line) => {
    expect(() => read(text)).toThrow(CsvMistake);
    expect(() => read(text)).toThrow(`line ${line} is not CSV`);
  });

  test("no more is read than asked for", () => {
    expect(read("a\n".repeat(100_000))).toHaveLength(10);
  });
});
