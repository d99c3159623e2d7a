import { run } from "@partake/service";
import { api } from "./api.ts";
import { subscription } from "./events.ts";
import { renewal } from "./renewal.ts";
import { entries, wallets } from "./store/ledger.ts";
import { orders } from "./store/orders.ts";
import { organisations, projects } from "./store/places.ts";
import { subscriptions } from "./store/subscriptions.ts";

await run({
  name: "billing",
  collections: [wallets, entries, orders, subscriptions, organisations, projects],
  api,
  consumers: () => [subscription],
  background: (parts) => [Promise.resolve(renewal(parts))],
});
