import { newId } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type BillingWorld, type Customer, type Enrolled, expectBalanced, startBillingWorld } from "./world.ts";

let world: BillingWorld;

beforeAll(async () => {
  world = await startBillingWorld();
});
afterAll(() => world?.stop());

const hold = (enrolled: Enrolled) => world.refusal(world.contacts, "HoldCredit", enrolled);
const release = ({ participationId }: Enrolled) => world.refusal(world.contacts, "ReleaseCredit", { participationId });
const use = ({ participationId }: Enrolled) => world.refusal(world.contacts, "UseCredit", { participationId });
const used = ({ participationId }: Enrolled) =>
  world.call<{ startedOn: string; paidUntil: string }>(world.contacts, "UseCredit", { participationId });
/** As an enrolment asks: again while the answer is neither yes nor no, as it may be on a machine that has too much to do. */
const settled = async (enrolled: Enrolled) => {
  for (let attempt = 1; ; attempt += 1) {
    const answer = await hold(enrolled);
    if (attempt === 10 || !/^(conflict|unavailable|deadline_exceeded) /.test(answer)) return answer;
  }
};
const times = <T>(count: number, work: () => Promise<T>) => Promise.all(Array.from({ length: count }, work));

describe("[B2] [B7] orders", () => {
  it("are confirmed by a billing operator, and grant their credits once", async () => {
    const customer = await world.customer();
    const orderId = newId("ord");
    const order = await world.call(customer.admin, "CreateOrder", { id: orderId, credits: 20 });
    expect(order).toMatchObject({ id: orderId, credits: 20, state: "ordered", version: 1 });
    expect(await customer.balance()).toMatchObject({ available: 0 });
    const open = await world.call<{ items: object[] }>(world.operator, "ListOpenOrders");
    expect(open.items).toContainEqual(order);
    const answers = await times(10, () => world.call(world.operator, "ConfirmOrder", { orderId }));
    for (const answer of answers) expect(answer).toMatchObject({ id: orderId, state: "confirmed" });
    expect(await customer.balance()).toMatchObject({ available: 20, held: 0, used: 0, version: 1 });
    expect(await customer.entries()).toMatchObject([
      { kind: "grant", credit: "bought", debit: "available", amount: 20 },
    ]);
    const listed = await world.call<{ items: object[] }>(customer.admin, "ListOrders");
    expect(listed.items).toMatchObject([{ id: orderId, state: "confirmed" }]);
    await expect.poll(() => world.told(customer, "credits-granted")).toHaveLength(1);
    expect(world.told(customer, "credits-granted")[0]).toMatchObject({
      orderId,
      amount: 20,
      available: 20,
      version: 1,
    });
  });

  it("of an organisation without any credits are confirmed at the same time", async () => {
    const customer = await world.customer();
    const ids = Array.from({ length: 8 }, () => newId("ord"));
    await Promise.all(ids.map((id) => world.call(customer.admin, "CreateOrder", { id, credits: 5 })));
    await Promise.all(ids.map((orderId) => world.call(world.operator, "ConfirmOrder", { orderId })));
    expect(await customer.balance()).toMatchObject({ available: 40 });
    await expectBalanced(customer);
  });

  it("with one id are one order", async () => {
    const customer = await world.customer();
    const order = { id: newId("ord"), credits: 3 };
    const answers = await times(5, () => world.call(customer.admin, "CreateOrder", order));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect(await world.refusal(customer.admin, "CreateOrder", { ...order, credits: 4 })).toBe("conflict id_taken");
  });

  it.each([0, -1, 1_000_001])("of %i credits are refused", async (credits) => {
    const customer = await world.customer();
    expect(await world.refusal(customer.admin, "CreateOrder", { id: newId("ord"), credits })).toMatch(/^invalid /);
    expect(await customer.entries()).toEqual([]);
  });

  it("and everything of billing are the admins' alone", async () => {
    const { organisationId, admin } = await world.customer();
    const orderId = newId("ord");
    await world.call(admin, "CreateOrder", { id: orderId, credits: 1 });
    const project = newId("prj");
    const staff = (["creator", "member"] as const).map((role) =>
      world.person([[role, organisationId]], { organisationId }),
    );
    const team = (["manager", "reporter", "observer"] as const).map((role) =>
      world.person([[role, project]], { organisationId }),
    );
    for (const person of [...staff, ...team, world.person([], { organisationId })]) {
      expect(await world.refusal(person, "CreateOrder", { id: newId("ord"), credits: 1 })).toBe("forbidden no_role");
      for (const name of ["ListOrders", "GetBalance", "ListEntries"]) {
        expect(await world.refusal(person, name)).toBe("forbidden no_role");
      }
      expect(await world.refusal(person, "ConfirmOrder", { orderId })).toMatch(/^forbidden /);
      expect(await world.refusal(person, "ListOpenOrders")).toMatch(/^forbidden /);
    }
    expect(await world.refusal(admin, "ConfirmOrder", { orderId })).toMatch(/^forbidden /);
    expect(await world.refusal(admin, "ListOpenOrders")).toMatch(/^forbidden /);
    expect(await world.refusal(undefined, "GetBalance")).toBe("unauthenticated token_missing");
  });

  it("show an operator no organisation's ledger", async () => {
    for (const name of ["ListOrders", "GetBalance", "ListEntries"]) {
      expect(await world.refusal(world.operator, name)).toMatch(/^forbidden /);
    }
    expect(await world.refusal(world.operator, "ConfirmOrder", { orderId: newId("ord") })).toBe(
      "not_found order_not_found",
    );
    const other = world.person([["platform_operator", "platform"]], { organisationId: "platform" });
    expect(await world.refusal(other, "ListOpenOrders")).toMatch(/^forbidden /);
  });

  it("of another organisation are nobody's business", async () => {
    const [one, other] = [await world.customer({ credits: 7 }), await world.customer()];
    expect(await other.balance()).toMatchObject({ available: 0 });
    expect(await other.entries()).toEqual([]);
    expect((await world.call<{ items: object[] }>(other.admin, "ListOrders")).items).toEqual([]);
    expect(await one.balance()).toMatchObject({ available: 7 });
  });
});

describe("[B1] [B3] a credit", () => {
  it("is held, used at acceptance, and each step happens once", async () => {
    const customer = await world.customer({ credits: 3 });
    const enrolled = customer.enrolled();
    expect(new Set(await times(10, () => hold(enrolled)))).toEqual(new Set(["ok"]));
    expect(await customer.balance()).toMatchObject({ available: 2, held: 1, used: 0 });
    const days = await times(10, () => used(enrolled));
    expect(new Set(days.map((day) => JSON.stringify(day))).size).toBe(1);
    expect(days[0]).toEqual({ startedOn: "2026-03-02", paidUntil: "2026-04-01" });
    expect(await hold(enrolled)).toBe("ok");
    expect(await customer.balance()).toMatchObject({ available: 2, held: 0, used: 1 });
    const { participationId, projectId, pseudonym, organisationId } = enrolled;
    const [use_, hold_] = await customer.entries();
    expect(use_).toMatchObject({
      kind: "use",
      credit: "held",
      debit: "used",
      amount: 1,
      participationId,
      projectId,
      month: 1,
    });
    expect(hold_).toMatchObject({ kind: "hold", credit: "available", debit: "held", amount: 1, participationId });
    await expectBalanced(customer);
    await expect.poll(() => world.told(customer, "credit-used")).toHaveLength(1);
    expect(world.told(customer, "credit-held")).toHaveLength(1);
    const [told] = world.told(customer, "credit-used");
    expect(told).toMatchObject({ organisationId, projectId, pseudonym, month: 1, available: 2 });
    expect(JSON.stringify(world.told(customer, "credit"))).not.toContain(participationId);
  });

  it("that is not used goes back, once", async () => {
    const customer = await world.customer({ credits: 1 });
    const enrolled = customer.enrolled();
    await hold(enrolled);
    expect(new Set(await times(10, () => release(enrolled)))).toEqual(new Set(["ok"]));
    expect(await customer.balance()).toMatchObject({ available: 1, held: 0, used: 0 });
    expect(await use(enrolled)).toBe("unprocessable no_credit");
    expect(await hold(enrolled)).toBe("unprocessable participation_ended");
    await expect.poll(() => world.told(customer, "credit-released")).toHaveLength(1);
    await expectBalanced(customer);
  });

  it("that was used stays used", async () => {
    const customer = await world.customer({ credits: 1 });
    const enrolled = customer.enrolled();
    await hold(enrolled);
    await use(enrolled);
    expect(await release(enrolled)).toBe("ok");
    expect(await customer.balance()).toMatchObject({ available: 0, held: 0, used: 1 });
    await expectBalanced(customer);
  });

  it("is not held after its release, though the hold comes late", async () => {
    const customer = await world.customer({ credits: 1 });
    const enrolled = customer.enrolled();
    expect(await release(enrolled)).toBe("ok");
    expect(await hold(enrolled)).toBe("unprocessable participation_ended");
    expect(await customer.balance()).toMatchObject({ available: 1, held: 0 });
  });

  it("is not used where none was held", async () => {
    const customer = await world.customer({ credits: 1 });
    expect(await use(customer.enrolled())).toBe("unprocessable no_credit");
    expect(await customer.balance()).toMatchObject({ available: 1 });
  });

  it("is spent by one of many who want the last", async () => {
    const customer = await world.customer({ credits: 20 });
    const answers = await Promise.all(Array.from({ length: 50 }, () => settled(customer.enrolled())));
    expect(answers.filter((answer) => answer === "ok")).toHaveLength(20);
    expect(answers.filter((answer) => answer === "unprocessable no_credit")).toHaveLength(30);
    expect(await customer.balance()).toMatchObject({ available: 0, held: 20, used: 0 });
    await expectBalanced(customer);
    await expect.poll(() => world.told(customer, "credit-held")).toHaveLength(20);
    const available = world.told(customer, "credit-held").map((data) => (data as { available: number }).available);
    expect(available).toEqual(Array.from({ length: 20 }, (_, index) => 19 - index));
  });

  it("moves only for the contacts service", async () => {
    const customer = await world.customer({ credits: 1 });
    const enrolled = customer.enrolled();
    for (const caller of [customer.admin, world.operator, world.service("progress"), undefined]) {
      for (const name of ["HoldCredit", "UseCredit", "ReleaseCredit"]) {
        const request = name === "HoldCredit" ? enrolled : { participationId: enrolled.participationId };
        expect(await world.refusal(caller, name, request)).toMatch(
          /^(forbidden no_role|internal service_refused|unauthenticated .*)$/,
        );
      }
    }
    expect(await customer.balance()).toMatchObject({ available: 1 });
  });
});

describe("[B1] month 1", () => {
  it("begins on the day that it is where the organisation is", async () => {
    const [west, east] = [
      await world.customer({ credits: 1, timeZone: "America/Los_Angeles" }),
      await world.customer({ credits: 1, timeZone: "Pacific/Kiritimati" }),
    ];
    // The clock of the tests stands on 2 March at nine in the morning, UTC.
    for (const [customer, expected] of [
      [west, { startedOn: "2026-03-02", paidUntil: "2026-04-01" }],
      [east, { startedOn: "2026-03-02", paidUntil: "2026-04-01" }],
    ] as const) {
      const enrolled = customer.enrolled();
      await hold(enrolled);
      expect(await used(enrolled)).toEqual(expected);
    }
    world.clock.advance(2 * 3_600_000);
    await world.grant(east, 1);
    const enrolled = east.enrolled();
    await hold(enrolled);
    expect(await used(enrolled)).toEqual({ startedOn: "2026-03-03", paidUntil: "2026-04-02" });
  });

  it("waits where the organisation's time zone is not known yet", async () => {
    const customer = await world.customer({ credits: 1 });
    const stranger: Customer = { ...customer, organisationId: newId("org") };
    stranger.admin = world.person([["admin", stranger.organisationId]], { organisationId: stranger.organisationId });
    await world.grant(stranger, 1);
    const enrolled = { ...customer.enrolled(), organisationId: stranger.organisationId };
    expect(await hold(enrolled)).toBe("ok");
    expect(await use(enrolled)).toBe("unavailable organisation_unknown");
    expect(await world.call(stranger.admin, "GetBalance")).toMatchObject({ held: 1, used: 0 });
  });
});
