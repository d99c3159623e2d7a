import { type ServiceError, status } from "@grpc/grpc-js";
import { codec, operation } from "@partake/contract";
import type { Call } from "@partake/rpc";
import { describe, expect, test } from "vitest";
import { channel, type Handler, implement, raw, start, world } from "./ends.ts";
import { ORGANISATION, PROJECT, role } from "./world.ts";

describe("an operation on a record", () => {
  const getContact = operation("/partake.v1.Contacts/GetContact");
  const CONTACT = "con_01890000-0000-7000-8000-000000000006";
  const record = { organisationId: ORGANISATION, contactId: CONTACT, contactProjectIds: [PROJECT] };
  const ask = (handler: Handler) =>
    start({ Contacts: implement("Contacts", { getContact: handler }) }).then(() =>
      channel("contacts").call(getContact, { contactId: CONTACT }, { userToken: world.token() }),
    );

  test("fails where its handler answered without deciding", async () => {
    await expect(ask(async () => ({ id: CONTACT, name: "Anna" }))).rejects.toMatchObject({
      code: "internal",
      reason: "access_undecided",
    });
  });
  test("is answered where it decided", async () => {
    await expect(
      ask(async (_, call: Call) => {
        call.decide(record);
        return { id: CONTACT };
      }),
    ).resolves.toMatchObject({ id: CONTACT });
  });
  test("is answered where it listed what is visible", async () => {
    await expect(
      ask(async (_, call) => {
        expect(call.visible()).toMatchObject({});
        return { id: CONTACT };
      }),
    ).resolves.toMatchObject({ id: CONTACT });
  });
  test("asking whether is not deciding", async () => {
    await expect(
      ask(async (_, call) => {
        expect(call.may("contact.read", record)).toBe(true);
        return { id: CONTACT };
      }),
    ).rejects.toMatchObject({ reason: "access_undecided" });
  });
  test("that is missing, another organisation's, or hidden, is not found: all the same", async () => {
    const failures: unknown[] = [];
    const other = { ...record, organisationId: "org_01890000-0000-7000-8000-0000000000ff" };
    const records = [undefined, null, other];
    await start({
      Contacts: implement("Contacts", {
        getContact: async (_, call: Call) => {
          call.decide(records.shift());
          return {};
        },
      }),
    });
    while (records.length > 0) {
      failures.push(
        await raw(getContact.path, codec(getContact.request).encode({ contactId: CONTACT }), {
          authorization: `Bearer ${world.token()}`,
        }),
      );
    }
    const plain = failures.map((error) => {
      const { code, details, metadata } = error as ServiceError;
      return { code, details, failure: metadata.get("partake-failure-bin").map(String) };
    });
    expect(new Set(plain.map((one) => JSON.stringify(one))).size).toBe(1);
    expect(plain[0]?.code).toBe(status.NOT_FOUND);
  });
  test("shows less than newer grants would: the client is sent to refresh", async () => {
    world.grants.put({
      roles: [role("manager", PROJECT), role("manager", "prj_01890000-0000-7000-8000-0000000000aa")],
      version: 2,
    });
    await start({
      Contacts: implement("Contacts", {
        getContact: async (_, call) => {
          call.visible();
          return {};
        },
      }),
    });
    const token = world.token({ roles: [`manager:${PROJECT}`] });
    await expect(
      channel("contacts").call(getContact, { contactId: CONTACT }, { userToken: token }),
    ).rejects.toMatchObject({ reason: "token_stale" });
  });
});
