// A process for crashes.test.ts: one replica of a service, with its relay and a consumer, until it is killed.
import { keepHistory, openTestBus, openTestStore, USER_CHANGED, user } from "./fixtures.ts";

const [, , database = "", prefix = ""] = process.argv;
const store = await openTestStore(database);
const bus = openTestBus({ store, prefix });
bus.relay();
const consumer = bus.consume({
  group: "crash",
  handlers: {
    [USER_CHANGED]: {
      async apply({ data }, tx) {
        await keepHistory(tx, data.userId, data.version);
        // A consequence of its own, to be there once as well.
        if (data.userId < user(1000))
          tx.emit({
            type: USER_CHANGED,
            data: {
              userId: user(1000 + Number.parseInt(data.userId.slice(-12), 16)),
              enabled: true,
              version: data.version,
            },
          });
      },
    },
  },
});
await consumer.joined;
console.log("joined");
