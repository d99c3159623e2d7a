import { expect, test } from "vitest";
import { unmapped } from "./cells.ts";

/** Cheap, so that whoever adds an RPC learns it before the whole platform runs. */
test("[R1] every RPC of the contract has an expectation in the matrix of roles", () => {
  expect(unmapped(), "deploy/test/matrix/expectations/expectations.ts says how to add one").toEqual({
    missing: [],
    unknown: [],
  });
});
