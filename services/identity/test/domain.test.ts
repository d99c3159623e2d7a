import { asFailure } from "@partake/failure";
import { describe, expect, test } from "vitest";
import { parseEmail } from "../src/domain/email-address.ts";
import { checkAcceptable, type Invitation } from "../src/domain/invitation.ts";
import { judgeCode, makeCode, readCode } from "../src/domain/login-code.ts";
import { clientNetwork, isPublicAddress } from "../src/domain/network-address.ts";
import { judgeOutsideLogin } from "../src/domain/outside-login.ts";
import { grouped, nextPrint, printedCode, readPrintedCode } from "../src/domain/printed-code.ts";
import { contextAllows, federatedContext, readResource } from "../src/domain/resources.ts";
import { roleClaims } from "../src/domain/role-claims.ts";
import { makesColleague, scopeKindOf } from "../src/domain/role-scopes.ts";

const now = new Date("2026-03-01T12:00:00Z");
const soon = new Date(now.getTime() + 1_000);

function reasonOf(work: () => unknown): string {
  try {
    work();
    return "ok";
  } catch (error) {
    return asFailure(error).reason;
  }
}

describe("an e-mail address", () => {
  test.each([
    ["Ada@Example.ORG", "ada@example.org"],
    ["  ada@example.org\n", "ada@example.org"],
    ["ada+tag@example.org", "ada+tag@example.org"],
    ["ada@bücher.example", "ada@xn--bcher-kva.example"],
    ["o'hara@example.org", "o'hara@example.org"],
  ])("%j is %s", (typed, expected) => expect(parseEmail(typed)).toBe(expected));

  test.each([
    "",
    "ada",
    "@example.org",
    "ada@",
    "a@b@c",
    "ada@exa mple.org",
    "ada@-x.org",
    "ada@localhost",
    "ada@x.org/a",
    "ada@x.org?a",
    "ada@x.org:8080",
    "ada@user:password@x.org",
    ".ada@x.org",
    "ada.@x.org",
    "a..da@x.org",
    "ädä@x.org",
    "ada@x..org",
    "a,b@x.org",
    "<a@x.org>",
    `${"a".repeat(65)}@x.org`,
    "ada@x.org\nbcc: all",
    "ada@[127.0.0.1]",
    `ada@${"x".repeat(250)}`,
  ])("%j is none", (typed) => expect(parseEmail(typed)).toBeUndefined());
});

describe("a code", () => {
  const stored = { codeHash: "h", tries: 1, expiresAt: soon };
  test.each([
    ["right", stored, true, "right"],
    ["wrong", stored, false, "wrong"],
    ["the fifth try", { ...stored, tries: 5 }, true, "right"],
    ["a sixth try", { ...stored, tries: 6 }, true, "worn_out"],
    ["at its very end", { ...stored, expiresAt: now }, true, "expired"],
    ["none at all", undefined, true, "expired"],
  ] as const)("%s", (_name, code, matches, expected) => expect(judgeCode(code, () => matches, now)).toBe(expected));

  test("has eight digits, also when it begins with zeros", () => {
    expect(makeCode(() => 42)).toBe("00000042");
    expect(readCode(" 0000–0042 ")).toBe("00000042");
  });
});

describe("an invitation", () => {
  const invitation: Invitation & { email: string } = {
    kind: "colleague",
    state: "pending",
    expiresAt: soon,
    email: "a@x.org",
  };
  test.each([
    ["pending, by the invited address", invitation, "a@x.org", "ok"],
    ["by another address", invitation, "b@x.org", "invitation_not_found"],
    ["that is not there", undefined, "a@x.org", "invitation_not_found"],
    ["not mailed yet", { ...invitation, state: "reserved" as const }, "a@x.org", "invitation_not_found"],
    ["used", { ...invitation, state: "accepted" as const }, "a@x.org", "invitation_used"],
    ["withdrawn", { ...invitation, state: "withdrawn" as const }, "a@x.org", "invitation_withdrawn"],
    ["at its very end", { ...invitation, expiresAt: now }, "a@x.org", "invitation_expired"],
    [
      "used, asked by another address",
      { ...invitation, state: "accepted" as const },
      "b@x.org",
      "invitation_not_found",
    ],
  ])("%s", (_name, of, email, expected) =>
    expect(reasonOf(() => checkAcceptable({ invitation: of, email, now }))).toBe(expected),
  );
});

describe("a printed code", () => {
  test.each([
    [0, "0000-0000-0000-0000"],
    [255, "ZZZZ-ZZZZ-ZZZZ-ZZZZ"],
    [0x12, "2891-44GJ-2891-44GJ"],
  ])("of bytes that are all %i is %s", (byte, expected) => {
    const code = printedCode(new Uint8Array(10).fill(byte));
    expect(grouped(code)).toBe(expected);
    expect(readPrintedCode(grouped(code))).toBe(code);
  });

  test.each([
    ["k7qm-2x9d-4hvb-w3ta", "K7QM2X9D4HVBW3TA"],
    ["  K7QM 2X9D – 4HVB\tW3TA\n", "K7QM2X9D4HVBW3TA"],
    ["oOiI-lL00-0000-0000", "0011110000000000"],
    ["K7QM-2X9D-4HVB-W3T", undefined],
    ["K7QM-2X9D-4HVB-W3TU", undefined],
    ["K7QM-2X9D-4HVB-W3TAA", undefined],
    [`${" ".repeat(100)}K7QM2X9D4HVBW3TA`, undefined],
    ["", undefined],
  ])("typed %j", (typed, expected) => expect(readPrintedCode(typed)).toBe(expected));

  test("is printed ten times a day, counted anew each day", () => {
    const printedAt = now;
    const tomorrow = new Date(now.getTime() + 24 * 60 * 60_000);
    expect(nextPrint(undefined, now)).toBe(1);
    expect(nextPrint({ printedAt, printsThatDay: 9 }, soon)).toBe(10);
    expect(nextPrint({ printedAt, printsThatDay: 10 }, soon)).toBeUndefined();
    expect(nextPrint({ printedAt, printsThatDay: 10 }, tomorrow)).toBe(1);
  });
});

describe("a printed invitation", () => {
  const expiresAt = new Date(now.getTime() + 60_000);
  const printed: Invitation = { kind: "participant", state: "pending", expiresAt, isPrinted: true };
  test.each([
    ["with its code, without an address", { invitation: printed, email: undefined, hasCode: true }, "ok"],
    ["with its code, with an address", { invitation: printed, email: "a@example.org", hasCode: true }, "ok"],
    ["that both have no address", { invitation: printed, email: undefined }, "invitation_not_found"],
    [
      "a mailed one by a code",
      { invitation: { ...printed, isPrinted: false, email: "a@example.org" }, email: undefined, hasCode: true },
      "invitation_not_found",
    ],
    [
      "one with neither, by somebody without an address",
      { invitation: { ...printed, isPrinted: false }, email: undefined },
      "invitation_not_found",
    ],
  ])("%s", (_name, of, expected) => expect(reasonOf(() => checkAcceptable({ ...of, now }))).toBe(expected));
});

describe("a resource", () => {
  const origin = "https://partake.example";
  const id = "org_01890000-0000-7000-8000-000000000001";
  test.each([
    [`${origin}/account`, { kind: "account" }],
    [`${origin}/orgs/${id}`, { kind: "organisation", organisationId: id }],
    [`${origin}/orgs/platform`, { kind: "organisation", organisationId: "platform" }],
  ])("%s", (indicator, expected) => expect(readResource(indicator, origin)).toEqual(expected));

  test.each([
    `${origin}`,
    `${origin}/`,
    `${origin}/account/`,
    `${origin}/orgs/`,
    `${origin}/orgs/${id}/x`,
    `${origin}/orgs/${id}?a`,
    `${origin}.evil/account`,
    `https://x@partake.example/account`,
    `${origin}/orgs/${id.toUpperCase()}`,
    "account",
  ])("%s is none", (indicator) => expect(readResource(indicator, origin)).toBeUndefined());

  test.each([
    [undefined, "org_1", true],
    [federatedContext("org_1"), "org_1", true],
    [federatedContext("org_1"), "org_2", false],
    [federatedContext("org_1"), "platform", false],
    ["urn:other", "org_2", true],
  ])("a session of %s gets a token for %s: %s", (acr, organisationId, expected) =>
    expect(contextAllows(acr, organisationId)).toBe(expected),
  );
});

describe("claims of roles", () => {
  const grants = (count: number) => Array.from({ length: count }, (_, n) => ({ role: "observer", scope: `prj_${n}` }));
  test("are a list up to a hundred, and a reference past it", () => {
    expect(roleClaims(grants(100), 7)).toMatchObject({ grants_version: 7, roles: expect.any(Array) });
    expect(roleClaims(grants(101), 7)).toEqual({ grants_version: 7, roles_ref: true });
    expect(roleClaims([...grants(2), ...grants(2)], 1)).toEqual({
      grants_version: 1,
      roles: ["observer:prj_0", "observer:prj_1"],
    });
  });
});

describe("a role and its scope", () => {
  test.each([
    ["admin", "org_1", "organisation"],
    ["folder_manager", "fld_1", "folder"],
    ["manager", "prj_1", "project"],
    ["board_admin", "brd_1", "board"],
    ["contact_none", "con_1", "contact"],
  ])("%s on %s", (role, scope, kind) => expect(scopeKindOf(role, scope)).toBe(kind));

  test.each([
    ["admin", "prj_1"],
    ["manager", "org_1"],
    ["participant", "prj_1"],
    ["platform_operator", "platform"],
    ["constructor", "prj_1"],
    ["manager", "__proto__"],
  ])("never %s on %s", (role, scope) => expect(reasonOf(() => scopeKindOf(role, scope))).toBe("role_scope_mismatch"));

  test("a colleague has a role on the organisation, a folder or a project", () => {
    expect(
      ["admin", "creator", "member", "folder_manager", "manager", "reporter", "observer"].every(makesColleague),
    ).toBe(true);
    expect(
      ["participant", "board_admin", "contact_updates", "event_worker", "platform_operator"].some(makesColleague),
    ).toBe(false);
  });
});

describe("logging in through an organisation's provider", () => {
  const claims = { subject: "s1", email: "Ada@x.org", emailVerified: true };
  const base = { claims, emailDomains: [], bySubject: undefined, byEmail: undefined };
  test.each([
    ["a new subject confirms its address", base, { kind: "confirm", email: "ada@x.org" }],
    [
      "a linked one is let in",
      { ...base, bySubject: { subject: "s1", userId: "u" }, byEmail: { subject: "s1", userId: "u" } },
      { kind: "log_in", userId: "u" },
    ],
    [
      "a linked one whose address changed is let in",
      { ...base, bySubject: { subject: "s1", userId: "u" } },
      { kind: "log_in", userId: "u" },
    ],
    [
      "an unverified address",
      { ...base, claims: { ...claims, emailVerified: false } },
      { kind: "refuse", reason: "email_unverified" },
    ],
    [
      "an unverified address of a linked subject",
      { ...base, claims: { ...claims, emailVerified: false }, bySubject: { subject: "s1", userId: "u" } },
      { kind: "refuse", reason: "email_unverified" },
    ],
    [
      "no address",
      { ...base, claims: { subject: "s1", emailVerified: true } },
      { kind: "refuse", reason: "email_missing" },
    ],
    ["no real address", { ...base, claims: { ...claims, email: "x" } }, { kind: "refuse", reason: "email_missing" }],
    ["an address of another domain", { ...base, emailDomains: ["y.org"] }, { kind: "refuse", reason: "email_domain" }],
    [
      "the address of another subject",
      { ...base, byEmail: { subject: "s2", userId: "u" } },
      { kind: "refuse", reason: "other_subject" },
    ],
  ])("%s", (_name, of, expected) => expect(judgeOutsideLogin(of)).toEqual(expected));
});

describe("addresses of the network", () => {
  test.each(["8.8.8.8", "1.1.1.1", "172.32.0.1", "2606:4700::1111", "2a00:1450:4001::8a"])("%s is public", (address) =>
    expect(isPublicAddress(address)).toBe(true),
  );
  test.each([
    "127.0.0.1",
    "127.255.255.255",
    "10.0.0.1",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "100.64.0.1",
    "0.0.0.0",
    "255.255.255.255",
    "224.0.0.1",
    "198.18.0.1",
    "192.0.2.1",
    "::",
    "::1",
    "fe80::1",
    "fe80::1%eth0",
    "fc00::1",
    "fd12::1",
    "ff02::1",
    "2001:db8::1",
    "2001::1",
    "::ffff:127.0.0.1",
    "::ffff:10.0.0.1",
    "::127.0.0.1",
    "64:ff9b::a00:1",
    "2002:7f00:1::",
    "300.1.1.1",
    "1.2.3",
    "",
    "x:y",
  ])("%s is not", (address) => expect(isPublicAddress(address)).toBe(false));
});

describe("a client of the network", () => {
  test.each([
    ["192.0.2.7", "192.0.2.7"],
    ["::ffff:192.0.2.7", "192.0.2.7"],
    ["2001:db8:1:2::7", "2001:db8:1:2"],
    ["2001:0db8:0001:0002:ffff:ffff:ffff:ffff", "2001:db8:1:2"],
    ["2001:db8:1::7", "2001:db8:1:0"],
    ["unknown", "unknown"],
    ["", ""],
  ])("at %j is %j", (address, client) => expect(clientNetwork(address)).toBe(client));
});
