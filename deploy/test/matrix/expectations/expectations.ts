// What each RPC of the contract allows to whom. The matrix fails on an RPC that is not here.
//
// To add one: in the file of its service, a line with its name and one case for each way to name what it touches:
//   "Projects.GetProject": [{ targets: everyProject, request: ({ projectId }) => ({ projectId }), acts: seesProject, sees: seesProject }],
// - `targets` (targets.ts): what it is asked about: own, sibling, another organisation, nothing; `mismatch` for two ids that do
//   not belong together.
// - `request`: the smallest valid request. One that changes something names a version that nothing has or an id that is taken,
//   so that no cell disturbs another; `past` then lists the answers that only those get who may.
// - `acts` and `sees`: the rows of roles.md that govern it, as rules.ts reads them; never the policy. Where the page is silent,
//   the nearest row, with a sentence that says so, else `nobody`. Who sees but may not act gets 403, who does not see 404.
// - `item`: of a list, the id that it holds exactly for those whom `acts` allows that item.

import { accountExpectations } from "./accounts.ts";
import { organisationExpectations } from "./organisations.ts";
import { progressExpectations } from "./progress.ts";
import { contactExpectations, projectExpectations } from "./projects.ts";
import { publishingExpectations } from "./publishing.ts";
import type { Expectations } from "./targets.ts";

export const expectations: Expectations = {
  ...accountExpectations,
  ...organisationExpectations,
  ...projectExpectations,
  ...publishingExpectations,
  ...contactExpectations,
  ...progressExpectations,
};
