import { expect, test } from "vitest";
import { tableText } from "../src/table-text.ts";

const columns = ["name", "count"] as const;

test("[R20] a table as CSV begins with its columns, once", () => {
  const rows = [{ name: "Ada", count: 2 }, { name: 'a "quote", and\nlines' }];
  expect(tableText({ format: "csv", columns, rows, isFirst: true })).toBe(
    'name,count\r\nAda,2\r\n"a ""quote"", and\nlines",\r\n',
  );
  expect(tableText({ format: "csv", columns, rows: [], isFirst: false })).toBe("");
});

test.each(["=1+1", "+1", "-1", "@SUM(A1)", " =1", "\t=1", "\u00a0=1", "\uff1d1", "\rx"])(
  "the formula %j is inert",
  (name) => {
    const [, cell = ""] = tableText({ format: "csv", columns: ["name"], rows: [{ name }], isFirst: true }).split(
      "name\r\n",
    );
    expect(cell.replace(/^"/, "").startsWith("'")).toBe(true);
  },
);

test.each(["1-1", "a=b", "ada@example.org", ""])("the text %j stays as it is", (name) => {
  expect(tableText({ format: "csv", columns: ["name"], rows: [{ name }], isFirst: false })).toBe(`${name}\r\n`);
});

test("a number is no formula, and JSON holds texts as they are", () => {
  expect(tableText({ format: "csv", columns, rows: [{ name: "x", count: -1 }], isFirst: false })).toBe("x,-1\r\n");
  expect(tableText({ format: "jsonl", columns, rows: [{ name: "=1" }], isFirst: true })).toBe('{"name":"=1"}\n');
});
