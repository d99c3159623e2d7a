// A service as small as one can be, to be started as a process of its own: what it answers is slow or wrong as its caller says.
import { operations } from "@partake/contract";
import type { Call, Implementation } from "@partake/rpc";
import { run } from "@partake/service";
import { Schema } from "mongoose";

const notes = {
  name: "notes",
  schema: new Schema({ _id: String, version: Number, title: String }),
  indexes: [{ keys: { title: 1 as const } }],
};

const refuse = async () => {
  throw new Error("anna@example.org must be in no log");
};

const declared = operations.filter(({ service }) => service === "Billing");
const refused = Object.fromEntries(declared.map(({ name }) => [name.charAt(0).toLowerCase() + name.slice(1), refuse]));

await run({
  name: "billing",
  collections: [notes],
  api: ({ log, store, newId }) => ({
    Billing: {
      ...refused,
      getBalance: async (_request: object, call: Call) => {
        const waitMs = Number(call.idempotencyKey ?? 0);
        log.debug({ waitMs }, "waiting");
        await new Promise((resolve) => setTimeout(resolve, waitMs));
        const title = "a note";
        await store.write(call, async (tx) => {
          const note = { _id: newId("not"), title };
          await tx.insert(notes, note);
          tx.audit({ action: "order.created", organisationId: call.organisationId });
          return note._id;
        });
        return { available: 1, held: 0, used: 0 };
      },
      listEntries: async () => {
        setTimeout(() => Promise.reject(new Error("nobody waits for this")), 500);
        return { items: [], nextCursor: "" };
      },
    } as object as Implementation<"Billing">,
  }),
  background: ({ log }) => [
    Promise.resolve({
      stop: async () => {
        log.info({}, "the background has stopped");
      },
    }),
  ],
});
