import { newId } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { chargeDue } from "../src/renewal.ts";
import { subscriptions } from "../src/store/subscriptions.ts";
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

describe("[B1] later months", () => {
  const day = 24 * 3_600_000;
  const due = async () => {
    const before = new AbortController().signal;
    // Two replicas at once, and again: a month is charged once.
    while (
      (await Promise.all([chargeDue(world.parts, before), chargeDue(world.parts, before)])).some((done) => done > 0)
    );
  };
  const running = async (customer: Customer, projectId: string, pseudonym?: string) => {
    const enrolled = customer.enrolled(projectId, pseudonym);
    expect(await hold(enrolled)).toBe("ok");
    expect(await use(enrolled)).toBe("ok");
    return enrolled;
  };
  const project = async (customer: Customer) => {
    const projectId = newId("prj");
    await world.tellProject(customer, { projectId, status: "published", version: 1 });
    return projectId;
  };
  const monthsOf = async (customer: Customer, { participationId }: Enrolled) =>
    (await customer.entries())
      .filter((entry) => entry.participationId === participationId && entry.kind === "use")
      .map(({ month }) => month)
      .reverse();

  it("3 projects for 6 months use 18", async () => {
    const customer = await world.customer({ credits: 30 });
    const pseudonym = newId("psn");
    const all = [];
    for (let index = 0; index < 3; index++) all.push(await running(customer, await project(customer), pseudonym));
    for (let step = 0; step < 152; step += 4) {
      world.clock.advance(4 * day);
      await due();
    }
    expect(await customer.balance()).toMatchObject({ available: 15, used: 15 });
    world.clock.advance(4 * day);
    await due();
    expect(await customer.balance()).toMatchObject({ available: 12, held: 0, used: 18 });
    for (const enrolled of all) expect(await monthsOf(customer, enrolled)).toEqual([1, 2, 3, 4, 5, 6]);
    await expectBalanced(customer);
    await expect.poll(() => world.told(customer, "credit-used")).toHaveLength(18);
  });

  it("that the job missed are charged late, each once", async () => {
    const customer = await world.customer({ credits: 10 });
    const enrolled = await running(customer, await project(customer));
    world.clock.advance(100 * day);
    await due();
    await due();
    expect(await monthsOf(customer, enrolled)).toEqual([1, 2, 3, 4]);
    expect(await customer.balance()).toMatchObject({ available: 6, used: 4 });
    await expectBalanced(customer);
  });

  it("do not start while the project is archived, and are not charged for afterwards", async () => {
    const customer = await world.customer({ credits: 10 });
    const projectId = await project(customer);
    const enrolled = await running(customer, projectId);
    await world.tellProject(customer, { projectId, status: "archived", version: 2 });
    world.clock.advance(70 * day);
    await due();
    expect(await monthsOf(customer, enrolled)).toEqual([1]);
    await world.tellProject(customer, { projectId, status: "published", version: 3 });
    world.clock.advance(3_600_000);
    await due();
    expect(await monthsOf(customer, enrolled)).toEqual([1, 3]);
    await expectBalanced(customer);
  });

  it("[X7] do not start while the organisation is suspended, and are not charged for afterwards", async () => {
    const customer = await world.customer({ credits: 10 });
    const enrolled = await running(customer, await project(customer));
    await world.tellState(customer, { state: "suspended", version: 2 });
    world.clock.advance(70 * day);
    await due();
    expect(await monthsOf(customer, enrolled)).toEqual([1]);
    await world.tellState(customer, { state: "active", version: 3 });
    world.clock.advance(3_600_000);
    await due();
    expect(await monthsOf(customer, enrolled)).toEqual([1, 3]);
    await expectBalanced(customer);
  });

  it("[P6] do not start while the project is deleted, the first neither, and go on when it is restored", async () => {
    const customer = await world.customer({ credits: 10 });
    const projectId = await project(customer);
    const [enrolled, invited] = [await running(customer, projectId), customer.enrolled(projectId)];
    expect(await settled(invited)).toBe("ok");
    await world.tellProject(customer, { projectId, status: "deleted", version: 2 });
    world.clock.advance(29 * day);
    await due();
    world.clock.advance(3 * day);
    await due();
    expect(await use(invited)).toBe("unavailable project_deleted");
    expect(await monthsOf(customer, enrolled)).toEqual([1]);
    await world.tellProject(customer, { projectId, status: "published", version: 3 });
    world.clock.advance(3_600_000);
    await due();
    expect(await monthsOf(customer, enrolled)).toEqual([1, 2]);
    expect(await use(invited)).toBe("ok");
    await expectBalanced(customer);
  });

  it("[X7] end with an organisation that is closed, where nothing is held or begun any more", async () => {
    const customer = await world.customer({ credits: 10 });
    const projectId = await project(customer);
    const [enrolled, invited] = [await running(customer, projectId), customer.enrolled(projectId)];
    expect(await settled(invited)).toBe("ok");
    await world.tellState(customer, { state: "suspended", version: 2 });
    expect(await hold(customer.enrolled(projectId))).toBe("unavailable organisation_rests");
    expect(await use(invited)).toBe("unavailable organisation_rests");
    await world.tellState(customer, { state: "closed", version: 3 });
    expect(await hold(customer.enrolled(projectId))).toBe("unavailable organisation_rests");
    world.clock.advance(70 * day);
    await due();
    expect(await world.parts.store.get(subscriptions, enrolled.participationId)).toMatchObject({ state: "ended" });
    expect(await monthsOf(customer, enrolled)).toEqual([1]);
    expect(await customer.balance()).toMatchObject({ held: 1, used: 1 });
    await expectBalanced(customer);
  });

  it("do not start after the end", async () => {
    const customer = await world.customer({ credits: 10 });
    const enrolled = await running(customer, await project(customer));
    await release(enrolled);
    world.clock.advance(70 * day);
    await due();
    expect(await monthsOf(customer, enrolled)).toEqual([1]);
  });

  it("wait for credit, and never take what is not there", async () => {
    const customer = await world.customer({ credits: 2 });
    const projectId = await project(customer);
    const [one, other] = [await running(customer, projectId), await running(customer, projectId)];
    world.clock.advance(31 * day);
    await due();
    expect(await customer.balance()).toMatchObject({ available: 0, held: 0, used: 2 });
    await world.grant(customer, 1);
    world.clock.advance(3_600_000);
    await due();
    const months = [await monthsOf(customer, one), await monthsOf(customer, other)];
    expect(months.map(({ length }) => length).sort()).toEqual([1, 2]);
    await expectBalanced(customer);
  });

  it("[Z2] that a list of people takes are told to contacts before: not those of who comes back", async () => {
    const customer = await world.customer({ credits: 3 });
    const projectId = await project(customer);
    const need = (pseudonyms: string[], newcomers = 0) =>
      world.call(world.contacts, "ReadCreditNeed", {
        ...{ organisationId: customer.organisationId, projectId, pseudonyms, newcomers },
      });
    const back = await running(customer, projectId);
    await release(back);
    expect(await need([back.pseudonym])).toEqual({ needed: 0, suffices: true });
    expect(await need([back.pseudonym, newId("psn")], 1)).toEqual({ needed: 2, suffices: true });
    expect(await need([back.pseudonym, newId("psn")], 2)).toEqual({ needed: 3, suffices: false });
    world.clock.advance(40 * day);
    expect(await need([back.pseudonym])).toEqual({ needed: 1, suffices: true });
    const asked = { organisationId: customer.organisationId, projectId, pseudonyms: [], newcomers: 1 };
    expect(await world.refusal(customer.admin, "ReadCreditNeed", asked)).not.toBe("ok");
    expect(await world.refusal(world.service("progress"), "ReadCreditNeed", asked)).not.toBe("ok");
  });

  it("that are paid are not paid again by who comes back", async () => {
    const customer = await world.customer({ credits: 5 });
    const projectId = await project(customer);
    const first = await running(customer, projectId);
    await release(first);
    world.clock.advance(10 * day);
    const again = await running(customer, projectId, first.pseudonym);
    expect(await used(again)).toEqual(await used(again));
    expect(await customer.balance()).toMatchObject({ available: 4, held: 0, used: 1 });
    world.clock.advance(22 * day);
    await due();
    expect(await monthsOf(customer, again)).toEqual([2]);
    expect(await customer.balance()).toMatchObject({ available: 3, used: 2 });
    const elsewhere = await running(customer, await project(customer), first.pseudonym);
    expect(await monthsOf(customer, elsewhere)).toEqual([1]);
    await expectBalanced(customer);
  });

  it("that are paid but over at the acceptance are paid anew", async () => {
    const customer = await world.customer({ credits: 2 });
    const projectId = await project(customer);
    const first = await running(customer, projectId);
    await release(first);
    const again = customer.enrolled(projectId, first.pseudonym);
    expect(await hold(again)).toBe("ok");
    expect(await customer.balance()).toMatchObject({ available: 1, held: 0 });
    world.clock.advance(40 * day);
    expect(await use(again)).toBe("ok");
    expect(await monthsOf(customer, again)).toEqual([1]);
    expect(await customer.balance()).toMatchObject({ available: 0, held: 0, used: 2 });
    const stored = await world.parts.store.get(subscriptions, again.participationId);
    expect(stored).toMatchObject({ state: "running", paidMonths: 1 });
    await expectBalanced(customer);
  });
});
