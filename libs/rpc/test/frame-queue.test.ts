import { expect, test } from "vitest";
import { FrameQueue } from "../src/frame-queue.ts";
import { type AnswerHead, batchBytes, maxMessageBytes, partBytes } from "../src/frames.ts";

interface Message {
  heads: AnswerHead[];
  bytes: number;
}

/** A queue whose messages a test takes one by one. */
function createQueue() {
  const messages: Message[] = [];
  let sent: () => void = () => undefined;
  const queue = new FrameQueue<AnswerHead>({
    send: (frames, done) => {
      messages.push({
        heads: frames.map(({ head }) => head),
        bytes: frames.reduce((sum, { body }) => sum + body.length, 0),
      });
      sent = done;
    },
  });
  const add = (number: number, bytes: number) => queue.add({ head: { number, bytes }, body: Buffer.alloc(bytes) });
  const turn = () => new Promise((resolve) => setImmediate(resolve));
  const next = async () => {
    sent();
    await turn();
    await turn();
  };
  return { queue, add, messages, turn, next };
}

test("what comes up within a turn goes as one message", async () => {
  const { add, messages, turn } = createQueue();
  for (const number of [1, 2, 3]) add(number, 10);
  await turn();
  expect(messages.map(({ heads }) => heads.map(({ number }) => number))).toEqual([[1, 2, 3]]);
});

test("nothing is sent while a message is being written, and all that came since goes as the next", async () => {
  const { add, messages, turn, next, queue } = createQueue();
  add(1, 10);
  await turn();
  add(2, 10);
  await turn();
  add(3, 10);
  await turn();
  expect(messages).toHaveLength(1);
  await next();
  expect(messages[1]?.heads.map(({ number }) => number)).toEqual([2, 3]);
  expect(queue.isIdle).toBe(false);
  await next();
  expect([messages.length, queue.isIdle, queue.bytes]).toEqual([2, true, 0]);
});

test("a small body passes the parts of a large one, and every byte arrives in its order", async () => {
  const { add, messages, turn, next } = createQueue();
  const size = partBytes * 100 + 7;
  add(1, size);
  await turn();
  add(2, 10);
  while (messages.at(-1)?.heads.some(({ more }) => more) ?? false) await next();
  const place = messages.findIndex(({ heads }) => heads.some(({ number }) => number === 2));
  expect(place).toBe(1);
  const parts = messages.flatMap(({ heads }) => heads).filter(({ number }) => number === 1);
  expect(parts.reduce((sum, { bytes }) => sum + bytes, 0)).toBe(size);
  expect(parts.map(({ more }) => more === true)).toEqual([...Array<boolean>(100).fill(true), false]);
});

test("no message is larger than may be, however much waits", async () => {
  const { queue, add, messages, turn, next } = createQueue();
  for (let number = 0; number < 2_000; number += 1) add(number, number % 7 === 0 ? 32 * 1024 : 100);
  await turn();
  while (!queue.isIdle) await next();
  for (const { heads, bytes } of messages) {
    expect(bytes).toBeLessThanOrEqual(batchBytes + partBytes);
    expect(Buffer.byteLength(JSON.stringify(heads)) + bytes).toBeLessThan(maxMessageBytes / 2);
  }
});
