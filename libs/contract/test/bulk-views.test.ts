import { expect, test } from "vitest";
import { readContract } from "../src/reading.ts";

const contract = readContract();

/** Those that show nothing but what their caller wrote there. */
const excepted = ["PreviewInvitations", "SendInvitations", "PreviewEnrolments"];

/** Whether an answer of this form holds addresses of several people. */
function holdsAddresses(name: string, isSeveral = false, around: readonly string[] = []): boolean {
  const fields = around.includes(name) ? [] : (contract.messages.get(name)?.fields ?? []);
  return fields.some(({ kind, shape, personal, rule }) => {
    const several = isSeveral || shape === "repeated";
    if ("message" in kind) return holdsAddresses(kind.message, several, [...around, name]);
    return several && personal && rule.format === "email";
  });
}

test("[R20] whoever sees addresses of many people leaves a line before they see the first", () => {
  const lists = contract.operations.filter(
    ({ access, response, name }) =>
      access.kind === "permission" && !excepted.includes(name) && holdsAddresses(response),
  );
  expect(lists.filter(({ viewing }) => viewing?.bulk !== true).map(({ name }) => name)).toEqual([]);
  expect(lists.length).toBeGreaterThan(4);
});
