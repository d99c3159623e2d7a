import { operation } from "@partake/contract";
import type { Observation } from "@partake/rpc";
import { expect, test } from "vitest";
import { logObservation, openLog } from "../src/log.ts";

const createContact = operation("/partake.v1.Contacts/CreateContact");
const request = {
  id: "con_01890000-0000-7000-8000-000000000001",
  kind: "client",
  name: "Anna",
  email: "anna@example.org",
};

function lineOf(observed: Partial<Observation>): { line: Record<string, unknown>; text: string } {
  let text = "";
  const log = openLog({ logLevel: "info" }, "contacts", {
    write(written) {
      text += written;
    },
  });
  const made = { side: "server", operation: createContact, reason: undefined, durationMs: 1, requestId: "r" } as const;
  logObservation(log, { ...made, code: "ok", traceparent: undefined, ...observed });
  return { line: text === "" ? {} : (JSON.parse(text) as Record<string, unknown>), text };
}

test("a request's line holds nothing of what was asked", () => {
  for (const code of ["ok", "invalid", "not_found"])
    expect(Object.keys(lineOf({ code }).line)).toEqual([
      "level",
      "time",
      "service",
      "operation",
      "code",
      "ms",
      "requestId",
      "msg",
    ]);
});

test("a defect's line holds what was asked, without what is personal by the contract", () => {
  const cause = new Error("E11000 dup key: Anna");
  const { line, text } = lineOf({ code: "internal", cause, request });
  expect(line).toMatchObject({
    level: "error",
    request: { id: request.id, kind: "client", name: "[personal]", email: "[personal]" },
    cause: { name: "Error" },
  });
  expect(text).not.toMatch(/anna/i);
});

test("a call to another service has a line only where no answer came", () => {
  expect(lineOf({ side: "client", code: "not_found" }).text).toBe("");
  expect(lineOf({ side: "client", code: "unavailable" }).line).toMatchObject({ level: "warn", msg: "call failed" });
});
