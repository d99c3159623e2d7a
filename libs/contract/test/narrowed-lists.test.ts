import { describe, expect, test } from "vitest";
import { readContract } from "../src/reading.ts";
import { contractOf } from "./small-protos.ts";

/** Ids that narrow a list and of which the contract cannot say who may know: the handler decides on what they name. */
const decidedByHandlers = [
  "ListProjects.folderId",
  "ListPublicProjects.folderId",
  "ListColleagues.scope",
  "SearchColleagues.scope",
  "ListColleagueGrants.userId",
  "ListAuditEntries.actorId",
  "ListAuditEntries.subjectId",
  "ListAuditEntries.scope",
  "ExportAuditEntries.actorId",
  "ExportAuditEntries.subjectId",
  "ExportAuditEntries.scope",
];

describe("what a list is narrowed to", () => {
  const { operations, messages } = readContract();

  test("is decided on, wherever a request names it: by the contract, or by the handlers that are listed here", () => {
    const lists = operations.filter(({ name, route }) => route && /^(List|Search|Export)/.test(name));
    const ids = lists.flatMap(({ name, access, request, service }) => {
      const decided = access.kind === "permission" ? [access.scope, access.record, access.within?.field] : [];
      const fields = messages.get(request)?.fields ?? [];
      const isId = ({ rule }: (typeof fields)[number]) =>
        rule.id !== undefined || /_\[|\[_:\]|\[A-Za/.test(rule.pattern ?? "");
      const named = fields.filter((field) => isId(field) && !decided.includes(field.name));
      return named.map((field) => ({ name: `${name}.${field.name}`, field: field.name, service }));
    });
    const operatorsOwn = [
      "ListPublicProjects.organisationId",
      "ExportOrganisation.organisationId",
      "ExportOrganisation.id",
    ];
    const left = ids.map(({ name }) => name).filter((name) => !operatorsOwn.includes(name));
    expect(left.sort()).toEqual(decidedByHandlers.toSorted());
    expect(lists.length).toBeGreaterThan(20);
  });

  test("is a project of the request, with the permission to know of it", () => {
    const rpc = (within: string) => `rpc ListItems(Ask) returns (Part) {
      option (google.api.http) = { get: "/v1/items" };
      option (access) = { permission: "item.read" ${within} };
    }`;
    const messages = (id: string) => `message Ask { string project_id = 1 [(rule) = { id: "${id}" }]; }
      message Part { string text = 1; }`;
    const whole = `within: "project_id" within_permission: "project.read"`;
    const read = (within: string, id = "prj") => contractOf({ rpcs: rpc(within), messages: messages(id) });
    expect(read(whole).operations[0]?.access).toMatchObject({
      within: { field: "projectId", permission: "project.read" },
    });
    expect(() => read(whole, "fld")).toThrow(/ListItems: within names no project/);
    expect(() => read(`within: "folder_id" within_permission: "project.read"`)).toThrow(/within names no project/);
    expect(() => read(`within: "project_id"`)).toThrow(/within needs a field and a permission/);
  });
});
