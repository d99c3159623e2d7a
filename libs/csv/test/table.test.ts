import { describe, expect, test } from "vitest";
import { isFormula, readTable, withoutFormula } from "../src/csv.ts";

const columns: ReadonlyMap<string, "email" | "name"> = new Map([
  ["email", "email"],
  ["e-mail", "email"],
  ["name", "name"],
]);
const read = (text: string) => readTable(text, { columns, required: ["email"], mostRows: 3 });

describe("[R21] a table that people upload", () => {
  test.each([",", ";", "\t"])("has its columns by their names, in any order, separated by %j", (separator) => {
    const text = [["Name", " E-Mail "], ["Ann", "ann@x.org"], ["", " "], ["Bo"]];
    const { rows, errors } = read(text.map((cells) => cells.join(separator)).join("\r\n"));
    expect(errors).toEqual([]);
    expect(rows).toEqual([
      { line: 2, row: { email: "ann@x.org", name: "Ann" } },
      { line: 4, row: { email: "", name: "Bo" } },
    ]);
  });

  test("gives one row more than it may have, so that too many are seen", () => {
    expect(read(`email\n${"a@x.org\n".repeat(1_000)}`).rows).toHaveLength(4);
  });

  test.each([
    ["name\nAnn", [{ column: "email", code: "missing" }]],
    ["email,Ann Private,__proto__\na@x.org", [{ code: "unknown_column" }, { code: "unknown_column" }]],
    ["email,e-mail\na@x.org,b@x.org", [{ column: "file", code: "repeated_column" }]],
    ['email\n"Ann Private', [{ column: "file", code: "malformed" }]],
    ["", [{ column: "email", code: "missing" }]],
  ])("%j is refused as a whole, and nothing of it repeated", (text, expected) => {
    const { rows, errors } = read(text);
    expect(rows).toEqual([]);
    expect(errors).toMatchObject(expected);
    expect(JSON.stringify(errors)).not.toContain("Private");
  });

  test.each(["=1+1", "+44", "-1", "@SUM(A1)", "\t=1", "\r=1"])(
    "%j is a formula, and a name without it none",
    (cell) => {
      expect(isFormula(cell)).toBe(true);
      expect(isFormula(withoutFormula(cell))).toBe(false);
    },
  );

  test("a name stays what it is", () => {
    expect(withoutFormula(" Ann-Marie O'Neill ")).toBe("Ann-Marie O'Neill");
    expect(isFormula("ann+list@x.org")).toBe(false);
  });
});
