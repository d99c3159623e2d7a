import { type ServiceError, status } from "@grpc/grpc-js";
import { codec, operation } from "@partake/contract";
import type { Call } from "@partake/rpc";
import { describe, expect, test } from "vitest";
import { channel, type Handler, implement, raw, start, world } from "./ends.ts";
import { ORGANISATION, OTHER_ORGANISATION, PROJECT, role } from "./world.ts";

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
  test.each([
    ["hidden", (call: Call) => call.decide({ organisationId: ORGANISATION, projectId: PROJECT }, "contact.create")],
    ["missing", (call: Call) => call.decide(undefined)],
    ["listed", (call: Call) => call.visible()],
  ])("%s from somebody whose rights nobody can tell: unavailable, all the same", async (_, asking) => {
    world.grants.remove();
    await start({
      Contacts: implement("Contacts", {
        getContact: async (_request, call) => {
          asking(call);
          return { id: CONTACT };
        },
      }),
    });
    const userToken = world.token({ roles: [`observer:${PROJECT}`] });
    const asked = channel("contacts").call(getContact, { contactId: CONTACT }, { userToken });
    await expect(asked).rejects.toMatchObject({ code: "unavailable", reason: "grants_unknown" });
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

describe("[R19] a record that was written with newer grants in mind than its reader's are known by", () => {
  const getContact = operation("/partake.v1.Contacts/GetContact");
  const createContact = operation("/partake.v1.Contacts/CreateContact");
  const CONTACT = "con_01890000-0000-7000-8000-000000000006";
  const record = { organisationId: ORGANISATION, contactId: CONTACT, contactProjectIds: [PROJECT] };
  /** Answers with a record that is as new as that, decided on, asked about, or seen. */
  const reading =
    (versionOf: () => number, how: "decide" | "may" | "saw" = "decide", more: object = {}): Handler =>
    async (_, call: Call) => {
      calls += 1;
      const stored = { ...record, ...more, _grants: versionOf() };
      if (how === "saw") call.saw(stored);
      if (how === "may") call.may("contact.read", stored);
      call.decide(how === "decide" ? stored : record);
      return { id: CONTACT };
    };
  let calls = 0;
  const ask = async (getting: Handler, grantsVersion = 0) => {
    calls = 0;
    await start({ Contacts: implement("Contacts", { getContact: getting }) });
    return channel("contacts").call(getContact, { contactId: CONTACT }, { userToken: world.token(), grantsVersion });
  };

  test.each(["decide", "may", "saw"] as const)("is decided by rights that are as new: %s", async (how) => {
    world.grants.atIdentity = { roles: [], version: 4 };
    await expect(ask(reading(() => 3, how))).rejects.toMatchObject({ code: "not_found" });
  });
  test("is shown to whoever still may, and what is as old is shown at once", async () => {
    world.grants.atIdentity = { roles: [role("admin", ORGANISATION)], version: 3 };
    await expect(ask(reading(() => 3))).resolves.toMatchObject({ id: CONTACT });
    expect(calls).toBe(2);
    await expect(ask(reading(() => 3))).resolves.toMatchObject({ id: CONTACT });
    expect(calls).toBe(1);
  });
  test("needs no question where the topic told of still newer ones, or the client had seen them", async () => {
    world.grants.heardVersion = 4;
    await ask(reading(() => 3));
    world.grants.heardVersion = 0;
    world.grants.atIdentity = { roles: [role("admin", ORGANISATION)], version: 5 };
    await ask(
      reading(() => 5),
      5,
    );
    expect(calls).toBe(1);
  });
  test("of its own version the topic may have told a part only: identity is asked", async () => {
    world.grants.heardVersion = 3;
    world.grants.atIdentity = { roles: [], version: 3 };
    await expect(ask(reading(() => 3))).rejects.toMatchObject({ code: "not_found" });
  });
  test("is not shown by rights that changed while the call was under way, whatever the topic told of since", async () => {
    const losing = reading(() => {
      world.grants.put({ roles: [], version: 3 });
      world.grants.heardVersion = 4;
      return 3;
    });
    await expect(ask(losing)).rejects.toMatchObject({ code: "not_found" });
  });
  test("is not shown where nobody can say; where the topic told of it, by what it told", async () => {
    await expect(ask(reading(() => 3))).rejects.toMatchObject({ code: "unavailable", reason: "grants_unknown" });
    world.grants.heardVersion = 3;
    await expect(ask(reading(() => 3))).resolves.toMatchObject({ id: CONTACT });
  });
  test("of another organisation is no matter of these grants", async () => {
    const other = { organisationId: OTHER_ORGANISATION };
    await expect(ask(reading(() => 9, "saw", other))).resolves.toMatchObject({ id: CONTACT });
    expect(calls).toBe(1);
  });
  test("does not keep a call going for ever, when each is newer than the last", async () => {
    let version = 1;
    world.grants.atIdentity = { roles: [role("admin", ORGANISATION)], version: 1_000 };
    const failed = ask(reading(() => (version += 1_000)));
    await expect(failed).rejects.toMatchObject({ code: "unavailable", reason: "grants_unknown" });
    expect(calls).toBeLessThanOrEqual(3);
  });
  test("lets a call begin again with the id that it had given to what it makes, and with newer rights to pass on", async () => {
    const made: unknown[] = [];
    world.grants.atIdentity = { roles: [role("admin", ORGANISATION)], version: 3 };
    await start({
      Contacts: implement("Contacts", {
        createContact: async (request, call: Call) => {
          made.push((request as { id: string }).id, call.grantsVersion, call.grantsKnown(ORGANISATION));
          call.saw({ ...record, _grants: 3 });
          return { id: CONTACT };
        },
      }),
    });
    await channel("contacts").call(createContact, { name: "Anna", kind: "client" }, { userToken: world.token() });
    expect(made).toEqual([expect.stringMatching(/^con_/), 0, 1, made[0], 3, 3]);
  });
});
