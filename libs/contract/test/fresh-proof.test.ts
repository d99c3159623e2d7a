import { describe, expect, test } from "vitest";
import { readContract } from "../src/reading.ts";
import { contractOf } from "./small-protos.ts";

/** Permissions by which somebody comes to hold more or less than before, or everybody's rights change with a switch or a state. */
const ofRoles = [
  "role.give",
  "role.take",
  "folder_right.withhold",
  "organisation.edit",
  "organisation.invite_first_admin",
  "organisation.suspend",
  "organisation.close",
  "organisation.export",
  "organisation_export.read",
  "service_account.create",
  "service_account.edit",
  "service_account.consent",
  "participation.print_code",
];

/** Those of them that a stale proof is enough for. */
const excepted = new Map([
  ["PreviewInvitations", "changes nothing"],
  ["PreviewColleagueChanges", "changes nothing"],
  ["WithdrawInvitation", "only stops something: nobody should have to log in first"],
  ["RevokeServiceAccount", "only stops something"],
  ["RemoveServiceAccountCredential", "only stops something"],
  ["WithdrawServiceAccountConsent", "only stops something"],
  ["ListOrganisationExports", "shows ids and dates"],
]);

describe("[R24] a fresh proof of identity", () => {
  const { operations } = readContract();

  test("is asked for by whatever changes roles, opens exports or gives a way to them", () => {
    const changing = operations.filter(({ access, route, name }) => {
      if (access.kind !== "permission" || !ofRoles.includes(access.permission)) return false;
      return (route !== undefined && route.method !== "GET") || name.includes("Export");
    });
    const without = changing.filter(({ fresh }) => !fresh).map(({ name }) => name);
    expect(without.sort()).toEqual([...excepted.keys()].sort());
    expect(changing.length).toBeGreaterThan(20);
  });

  test("is asked for by what opens, moves or closes a way into one's own account", () => {
    const ownAffairs = operations.filter(({ access }) => access.kind === "account");
    const asking = ownAffairs.filter(({ fresh }) => fresh).map(({ name }) => name);
    expect(asking.sort()).toEqual(["AddPasskey", "BeginPasskey", "ChangeEmail", "CloseAccount", "RemovePasskey"]);
    expect(ownAffairs.length).toBeGreaterThan(10);
  });

  test("is asked for by every export as a file: the contract refuses one that does not", () => {
    const exports = operations.filter(({ bytes }) => bytes === "export");
    expect(exports.map(({ fresh }) => fresh)).toEqual(exports.map(() => true));
    const rpcs = (fresh: string) => `rpc ExportItems(Ask) returns (Part) {
      option (google.api.http) = { get: "/v1/items:export" };
      option (access) = { permission: "item.read" ${fresh} };
      option (bytes) = BYTES_EXPORT;
    }`;
    const messages = `message Ask { string format = 1; string cursor = 2; }
      message Part { string text = 1; string next_cursor = 2; }`;
    expect(() => contractOf({ rpcs: rpcs(""), messages })).toThrow(/ExportItems: .*fresh/);
    expect(contractOf({ rpcs: rpcs("fresh: true"), messages }).operations).toHaveLength(1);
  });
});
