// A process for crashes.test.ts: writes as fast as it can, several at a time, and tells each acknowledged id, until it is killed.
import { notes, openTestStore, uuid } from "./fixtures.ts";

const [, , database = "", run = "0"] = process.argv;
const store = await openTestStore({ database });

async function write(id: string, number: number): Promise<void> {
  const cause = {
    actorId: "usr_1",
    traceparent: undefined,
    idempotencyKey: id,
    requestHash: id,
    operation: { path: "/test" },
  };
  await store.write(cause, async (tx) => {
    await tx.insert(notes, { _id: id, organisationId: "org_1", title: id });
    tx.emit({
      type: "org.partake.user.changed.v1",
      data: { userId: `usr_${uuid(number)}`, enabled: true, version: number + 1 },
    });
    return id;
  });
  process.stdout.write(`${id}\n`);
}

async function writeOn(lane: number): Promise<never> {
  for (let place = 0; ; place += 1) {
    const number = Number(run) * 1_000_000 + place * 8 + lane;
    await write(`crash_${number}`, number);
  }
}

await Promise.all(Array.from({ length: 8 }, (_, lane) => writeOn(lane)));
