import type { Implementation } from "@partake/rpc";
import type { Parts } from "@partake/service";
import { ledgerApi } from "./api/ledger.ts";
import { ordersApi } from "./api/orders.ts";
import { subscriptionsApi } from "./api/subscriptions.ts";

/** The RPCs of the Billing service. */
export function api(parts: Parts): { Billing: Implementation<"Billing"> } {
  return { Billing: { ...ordersApi(parts), ...ledgerApi(parts), ...subscriptionsApi(parts) } };
}
