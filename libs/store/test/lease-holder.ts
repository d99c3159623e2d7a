// A process for leases.test.ts: contends for a lease and tells on its output when it leads and when it stops.
import { openTestStore } from "./fixtures.ts";

const [, , database = ""] = process.argv;
const store = await openTestStore({ database });
store.lead("test", async (signal) => {
  console.log("leads");
  await new Promise<void>((resolve) => signal.addEventListener("abort", () => resolve(), { once: true }));
  console.log("stops");
});
console.log("contends");
