import type { Outgoing } from "@partake/store";
import {
  type FakeClock,
  fakeClock,
  newId,
  type ServiceWorld,
  startServiceWorld,
  type TestCaller,
} from "@partake/testing";
import { expect } from "vitest";
import { api } from "../src/api.ts";
import { subscription } from "../src/events.ts";
import { entries, wallets } from "../src/store/ledger.ts";
import { orders } from "../src/store/orders.ts";
import { organisations, projects } from "../src/store/places.ts";
import { subscriptions } from "../src/store/subscriptions.ts";

export interface Balance {
  available: number;
  held: number;
  used: number;
  version: number;
}

export interface Entry {
  id: string;
  kind: string;
  debit: string;
  credit: string;
  amount: number;
  participationId?: string;
  projectId?: string;
  month?: number;
}

/** A participation as contacts enrols it. */
export interface Enrolled {
  participationId: string;
  organisationId: string;
  projectId: string;
  pseudonym: string;
}

/** An organisation of its own, with an admin and credits. */
export interface Customer {
  organisationId: string;
  admin: TestCaller;
  balance(): Promise<Balance>;
  entries(): Promise<Entry[]>;
  enrolled(projectId?: string, pseudonym?: string): Enrolled;
}

export interface BillingWorld extends ServiceWorld {
  clock: FakeClock;
  operator: TestCaller;
  contacts: TestCaller;
  customer(of?: { credits?: number; timeZone?: string }): Promise<Customer>;
  grant(customer: Customer, credits: number): Promise<void>;
  /** Tells of a project as the projects service does. */
  tellProject(
    customer: Customer,
    project: { projectId: string; status: "published" | "archived" | "deleted"; version: number },
  ): Promise<void>;
  /** Tells of the organisation's state as identity does. */
  tellState(
    customer: Customer,
    organisation: { state: "active" | "suspended" | "closed"; version: number },
  ): Promise<void>;
  /** The events about an organisation, of a type's middle word: "credit-used". */
  told(customer: Customer, word: string): object[];
}

export async function startBillingWorld(start = "2026-03-02T09:00:00.000Z"): Promise<BillingWorld> {
  const clock = fakeClock(start);
  const collections = [wallets, entries, orders, subscriptions, organisations, projects];
  const definition = { name: "billing" as const, collections, api, consumers: () => [subscription] };
  const world = await startServiceWorld({ definition, topics: ["billing"], clock });
  const operator = world.person([["billing_operator", "platform"]], { organisationId: "platform" });
  const preferences = { managersGiveRoles: true, creatorsCreateProjects: true, contactCreators: [] };
  const switches = { ...preferences, redactedAccess: false, visitorsSeeProjects: false };
  const publish = (event: Outgoing) => world.parts.bus.publish(event);
  const grant = async ({ admin }: Customer, credits: number) => {
    const orderId = newId("ord");
    await world.call(admin, "CreateOrder", { id: orderId, credits });
    await world.call(operator, "ConfirmOrder", { orderId });
  };
  return {
    ...world,
    clock,
    operator,
    contacts: world.service("contacts"),
    grant,
    async customer({ credits = 0, timeZone = "Europe/London" } = {}) {
      const organisationId = newId("org");
      const admin = world.person([["admin", organisationId]], { organisationId });
      const data = { organisationId, state: "active" as const, ...switches, timeZone, version: 1 };
      await publish({ type: "org.partake.organisation.changed.v1", data });
      await expect.poll(() => world.parts.store.get(organisations, organisationId), { timeout: 20_000 }).toBeDefined();
      const customer: Customer = {
        organisationId,
        admin,
        balance: () => world.call<Balance>(admin, "GetBalance"),
        entries: async () => (await world.call<{ items: Entry[] }>(admin, "ListEntries", { limit: 200 })).items,
        enrolled: (projectId = newId("prj"), pseudonym = newId("psn")) => ({
          ...{ participationId: newId("par"), organisationId, projectId, pseudonym },
        }),
      };
      if (credits > 0) await grant(customer, credits);
      return customer;
    },
    async tellState({ organisationId }, { state, version }) {
      const data = { organisationId, state, ...switches, timeZone: "Europe/London", version };
      await publish({ type: "org.partake.organisation.changed.v1", data });
      const known = async () => (await world.parts.store.get(organisations, organisationId))?.toldVersion;
      await expect.poll(known, { timeout: 20_000 }).toBe(version);
    },
    async tellProject({ organisationId }, { projectId, status, version }) {
      const place = { projectId, organisationId, status, visibility: "people" as const };
      await publish({
        type: "org.partake.project.scope-changed.v1",
        data: { ...place, createdBy: newId("usr"), version },
      });
      const stored = async () => (await world.parts.store.get(projects, projectId))?.toldVersion;
      await expect.poll(stored, { timeout: 20_000 }).toBe(version);
    },
    told: ({ organisationId }, word) =>
      world.events.filter(({ key, type }) => key === organisationId && type.includes(word)).map(({ data }) => data),
  };
}

/** The balances that the entries add up to, each account by itself: what the wallet must say. */
export function summed(all: readonly Entry[]): Record<string, number> {
  const sums: Record<string, number> = { bought: 0, available: 0, held: 0, used: 0 };
  for (const { credit, debit, amount } of all) {
    sums[credit] = (sums[credit] ?? 0) - amount;
    sums[debit] = (sums[debit] ?? 0) + amount;
  }
  return sums;
}

/** The ledger's own law: the wallet is the sum of its entries, nothing is below zero, and all accounts together are zero. */
export async function expectBalanced(customer: Customer): Promise<void> {
  const [{ available, held, used }, all] = [await customer.balance(), await customer.entries()];
  const sums = summed(all);
  expect({ available: sums["available"], held: sums["held"], used: sums["used"] }).toEqual({ available, held, used });
  expect(Math.min(available, held, used)).toBeGreaterThanOrEqual(0);
  expect(Object.values(sums).reduce((sum, one) => sum + one, 0)).toBe(0);
}
