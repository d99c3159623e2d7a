import { failure } from "@partake/failure";
import { newId } from "@partake/testing";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { type GatewayWorld, startGatewayWorld } from "./gateway-world.ts";
import type { Person } from "./people.ts";

let world: GatewayWorld;
let admin: Person;
const path = "/v1/audit-entries:export";

beforeAll(async () => {
  world = await startGatewayWorld();
  admin = world.people.person([["admin", world.organisationId]]);
});
afterAll(() => world?.stop());
beforeEach(() => {
  world.upstream.seen.length = 0;
});

/** A table of so many parts. */
function parts(count: number, line: (part: number) => string = (part) => `part ${part}\r\n`): void {
  world.upstream.answers.set("ExportAuditEntries", ({ cursor }) => {
    const part = Number(cursor || 0);
    return { text: line(part), nextCursor: part + 1 < count ? String(part + 1) : "" };
  });
}

describe("[R20] an export", () => {
  test("is the table's parts one after the other, as an attachment that no browser shows or keeps", async () => {
    parts(3);
    const told = await world.ask("GET", `${path}?format=csv&action=role.given`, { as: admin });
    expect(told).toMatchObject({ status: 200, text: "part 0\r\npart 1\r\npart 2\r\n" });
    expect(told.headers.get("content-type")).toBe("text/csv; charset=utf-8");
    expect(told.headers.get("content-disposition")).toBe('attachment; filename="audit-entries.csv"');
    expect(told.headers.get("cache-control")).toBe("no-store");
    expect(told.headers.get("x-content-type-options")).toBe("nosniff");
    const asked = world.upstream.seen.map(({ request }) => request);
    expect(asked).toMatchObject(["", "1", "2"].map((cursor) => ({ format: "csv", action: "role.given", cursor })));
  });

  test("of JSON lines says so", async () => {
    parts(1, () => '{"id":1}\n');
    const told = await world.ask("GET", `${path}?format=jsonl`, { as: admin });
    expect(told.text).toBe('{"id":1}\n');
    expect(told.headers.get("content-type")).toBe("application/jsonl");
  });

  test("of any length comes through whole", async () => {
    parts(60, (part) => `${String(part).repeat(50_000)}\n`);
    const told = await world.ask("GET", `${path}?format=csv`, { as: admin });
    expect(told.text.split("\n").length).toBe(61);
  });

  test("that is refused is a problem, with nothing of the table", async () => {
    parts(1);
    const member = world.people.person([["member", world.organisationId]]);
    expect((await world.ask("GET", `${path}?format=csv`, { as: member })).status).toBe(403);
    expect((await world.ask("GET", `${path}?format=csv`)).status).toBe(401);
    expect((await world.ask("GET", `${path}?format=xls`, { as: admin })).status).toBe(400);
    expect((await world.ask("GET", path, { as: admin })).status).toBe(400);
    expect((await world.ask("GET", `${path}?format=csv&cursor=5`, { as: admin })).status).toBe(400);
    expect((await world.ask("POST", path, { as: admin, json: {} })).status).toBe(405);
    expect(world.upstream.seen).toEqual([]);
  });

  test("[R24] asks for a fresh proof of identity, before a line of it is read", async () => {
    parts(1);
    const proved = Math.floor(world.clock.nowMs() / 1000) - 3_700;
    const token = world.people.token(admin, { claims: { auth_time: proved } });
    const told = await world.ask("GET", `${path}?format=csv`, { token });
    expect([told.status, told.json.reason]).toEqual([401, "insufficient_user_authentication"]);
    expect(world.upstream.seen).toEqual([]);
  });

  test("ends where the right to it ends, and shows that it did", async () => {
    const leaver = world.people.person([["admin", world.organisationId]]);
    world.upstream.answers.set("ExportAuditEntries", ({ cursor }) => {
      if (cursor === "") return { text: "first\r\n", nextCursor: "1" };
      throw failure("forbidden", "no_role");
    });
    await expect(world.ask("GET", `${path}?format=csv`, { as: leaver })).rejects.toThrow();
    const line = world.log.findLast((text) => text.includes("ExportAuditEntries"));
    expect(line).toContain("no_role");
    expect(line).not.toContain(newId("usr").slice(0, 4) + leaver.userId);
  });
});
