/** The tests that `npm run prove` runs in full length, one after the other: they measure, so nothing goes on beside them. */
export const proofs = [
  "deploy/test/platform/platform.test.ts",
  "libs/authz/test/visible.test.ts",
  "services/identity/test/scale.test.ts",
  "services/projects/test/scale.test.ts",
];
