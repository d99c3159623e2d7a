// How fast messages are read, written and checked, beside JSON and protobufjs as it comes, on a page of twenty contacts.
// A JSON line per measurement: ratio is ours to the baseline's, both in messages per second of the same run.
import { existsSync } from "node:fs";
import { includeDirs, loaderOptions, protoFiles } from "@partake/proto";
import protobuf from "protobufjs";
import { codec, redact, validate } from "../src/contract.ts";
import { exampleMessage } from "../src/examples.ts";
import { readContract } from "../src/reading.ts";

const rounds = 7;
const roundMs = 100;

interface Bench {
  name: string;
  baseline: string;
  run: () => unknown;
  compare: () => unknown;
}

const pageName = "partake.v1.SearchContactsResponse";
const requestName = "partake.v1.CreateContactRequest";
const contract = readContract();
const contact = exampleMessage(contract, "partake.v1.Contact");
const page = { items: Array.from({ length: 20 }, () => contact), nextCursor: "" };
const request = exampleMessage(contract, requestName);
const { encode, decode } = codec(pageName);
const bytes = encode(page);
const text = JSON.stringify(page);
const requestText = JSON.stringify(request);
const plain = loadPlain().lookupType(pageName);

export const benches: readonly Bench[] = [
  { name: "decode a page", baseline: "JSON.parse", run: () => decode(bytes), compare: () => JSON.parse(text) },
  {
    name: "decode a page",
    baseline: "protobufjs decode",
    run: () => decode(bytes),
    compare: () => plain.decode(bytes),
  },
  {
    name: "decode a page",
    baseline: "protobufjs decode and toObject",
    run: () => decode(bytes),
    compare: () => plain.toObject(plain.decode(bytes), { defaults: true }),
  },
  { name: "encode a page", baseline: "JSON.stringify", run: () => encode(page), compare: () => JSON.stringify(page) },
  {
    name: "encode a page",
    baseline: "protobufjs encode",
    run: () => encode(page),
    compare: () => plain.encode(page).finish(),
  },
  {
    name: "validate a request",
    baseline: "JSON.parse",
    run: () => validate(requestName, request),
    compare: () => JSON.parse(requestText),
  },
  {
    name: "redact a request",
    baseline: "JSON.stringify",
    run: () => redact(requestName, request),
    compare: () => JSON.stringify(request),
  },
];

function loadPlain(): protobuf.Root {
  const root = new protobuf.Root();
  root.resolvePath = (_origin, target) => includeDirs.map((dir) => `${dir}/${target}`).find(existsSync) ?? null;
  root.loadSync([...protoFiles], loaderOptions);
  root.resolveAll();
  return root;
}

function perSecond(run: () => unknown): number {
  const start = performance.now();
  let count = 0;
  while (performance.now() - start < roundMs) {
    for (let index = 0; index < 20; index += 1) run();
    count += 20;
  }
  return (count * 1000) / (performance.now() - start);
}

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

for (const { name: what, baseline: against, run, compare } of benches) {
  perSecond(run);
  perSecond(compare);
  // By turns, so that a busy machine slows both.
  const pairs = Array.from({ length: rounds }, () => [perSecond(run), perSecond(compare)] as const);
  const value = Math.round(median(pairs.map(([ours]) => ours)));
  const baseline = Math.round(median(pairs.map(([, theirs]) => theirs)));
  const ratio = Number(median(pairs.map(([ours, theirs]) => ours / theirs)).toFixed(2));
  const name = `${what} (baseline: ${against})`;
  console.log(JSON.stringify({ name, value, unit: "messages/s", baseline, ratio }));
}
