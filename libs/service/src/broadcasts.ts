import type { Broadcast } from "@partake/bus";
import { eventType } from "@partake/contract";

/** Several broadcasts as one, which is one group of Kafka and one set of connections. Each gets the events of its own topics. */
export function together(broadcasts: readonly Broadcast[]): Broadcast {
  const byTopic = Map.groupBy(
    broadcasts.flatMap((broadcast) => broadcast.topics.map((topic) => ({ topic, broadcast }))),
    ({ topic }) => topic,
  );
  return {
    topics: [...byTopic.keys()],
    handle: (event) => {
      for (const { broadcast } of byTopic.get(eventType(event.type).topic) ?? []) broadcast.handle(event);
    },
    lost: () => {
      for (const broadcast of broadcasts) broadcast.lost();
    },
  };
}
