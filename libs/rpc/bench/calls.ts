// What our enforcement costs: a warm token beside a signature check, and a whole call beside a bare one of grpc-js.
// A JSON line per measurement. For times the ratio is the baseline's time to ours, so that more is better everywhere.
import {
  credentials,
  Client as GrpcClient,
  Server,
  ServerCredentials,
  type ServerUnaryCall,
  type sendUnaryData,
} from "@grpc/grpc-js";
import { codec, operation, operations } from "@partake/contract";
import { compactVerify } from "jose";
import { methodName } from "../src/hosted.ts";
import { type Implementations, openChannel, serve } from "../src/rpc.ts";
import { createWorld, PROJECT, type World } from "../test/world.ts";

const rounds = 5;
const tokenCount = 1_000;
const callCount = 2_000;
const concurrency = 16;

interface Line {
  name: string;
  value: number;
  unit: string;
  baseline: number;
  ratio: number;
}

function print(line: Line): void {
  const rounded = { ...line, value: round(line.value), baseline: round(line.baseline), ratio: round(line.ratio) };
  process.stdout.write(`${JSON.stringify(rounded)}\n`);
}

function round(value: number): number {
  return Number(value.toPrecision(3));
}

/** The best round: what disturbs a measurement only ever makes it longer. */
function best(times: readonly number[]): number {
  return Math.min(...times);
}

/** What is usual, though the machine sometimes does something else. */
function median(times: readonly number[]): number {
  return times.toSorted((a, b) => a - b)[Math.floor(times.length / 2)] ?? Number.NaN;
}

/** CPU of this process for each of `count` runs, in µs. */
async function cpuMicros(count: number, work: () => Promise<void>): Promise<number> {
  const before = process.cpuUsage();
  await work();
  const { user, system } = process.cpuUsage(before);
  return (user + system) / count;
}

async function measureTokens(world: World): Promise<void> {
  const tokens = Array.from({ length: tokenCount }, (_, index) => world.token({ jti: `token-${index}` }));
  for (const token of tokens) await world.enforcer.authenticate({ authorization: `Bearer ${token}` });
  const warm: number[] = [];
  const cold: number[] = [];
  for (let turn = 0; turn < rounds * 100; turn += 1) warm.push(checkWarm(world, tokens));
  for (let turn = 0; turn < rounds; turn += 1) {
    const verify = async () => {
      for (const token of tokens) await compactVerify(token, world.key.publicKey, { algorithms: ["RS256"] });
    };
    cold.push(await cpuMicros(tokens.length, verify));
  }
  const [value, baseline] = [median(warm), best(cold)];
  print({
    name: "warm token check (baseline: RS256 signature check)",
    value,
    unit: "µs",
    baseline,
    ratio: baseline / value,
  });
}

/** The time of one check among some hundred, of tokens as they come: each request brings its own copy of the text. */
function checkWarm(world: World, tokens: readonly string[]): number {
  const headers = Array.from({ length: 200 }, () => {
    const token = tokens[Math.floor(Math.random() * tokens.length)];
    return Buffer.from(`Bearer ${token}`).toString("latin1");
  });
  const startedMs = performance.now();
  let admitted = 0;
  for (const authorization of headers) {
    const verified = world.enforcer.authenticate({ authorization });
    if (!(verified instanceof Promise) && verified.caller.kind === "user") admitted += 1;
  }
  const micros = ((performance.now() - startedMs) * 1000) / headers.length;
  if (admitted !== headers.length) throw new Error("a token was not warm");
  return micros;
}

async function measureCalls(world: World): Promise<void> {
  const getProject = operation("/partake.v1.Projects/GetProject");
  const project = { id: PROJECT, title: "A project", description: "What it is for. ".repeat(10), version: 3 };
  const refuse = async () => Promise.reject(new Error("not part of the bench"));
  const declared = operations.filter(({ service }) => service === "Projects");
  const rest = Object.fromEntries(declared.map((one) => [methodName(one), refuse]));
  const services = { Projects: { ...rest, getProject: async () => project } } as object as Implementations;
  const server = await serve({ services, port: 0, host: "127.0.0.1", enforcer: world.enforcer });
  const serviceToken = world.serviceToken("gateway");
  const target = `127.0.0.1:${server.port}`;
  const channels = [false, true].map((carries) => openChannel({ owner: "projects", target, serviceToken, carries }));
  for (const channel of channels) await channel.warm();
  const outgoing = { userToken: world.token(), timeoutMs: 5_000 };
  const bare = await openBare(codec(getProject.response).encode(project));
  const [alone, carried] = channels.map((channel) => async () => {
    await channel.call(getProject, { projectId: PROJECT }, outgoing);
  });
  const ways = { bare: bare.call, alone: alone ?? bare.call, carried: carried ?? bare.call };
  const times: Record<keyof typeof ways, number[]> = { bare: [], alone: [], carried: [] };
  for (const call of Object.values(ways)) await repeat(call);
  for (let turn = 0; turn < rounds; turn += 1) {
    for (const [way, call] of Object.entries(ways))
      times[way as keyof typeof ways].push(await cpuMicros(callCount, () => repeat(call)));
  }
  const baseline = best(times.bare);
  for (const [way, name] of [
    ["alone", "authorised unary call, both ends (baseline: bare grpc-js)"],
    ["carried", "authorised call over a shared stream, both ends (baseline: bare grpc-js)"],
  ] as const) {
    const value = best(times[way]);
    print({ name, value, unit: "µs", baseline, ratio: baseline / value });
  }
  for (const channel of channels) channel.close();
  bare.close();
  await server.stop(500);
}

async function repeat(call: () => Promise<void>): Promise<void> {
  const worker = async () => {
    for (let count = 0; count < callCount / concurrency; count += 1) await call();
  };
  await Promise.all(Array.from({ length: concurrency }, worker));
}

/** What grpc-js itself costs: the same bytes there and back, and nothing else. */
async function openBare(answer: Buffer): Promise<{ call(): Promise<void>; close(): void }> {
  const same = (bytes: Buffer) => bytes;
  const server = new Server({ "grpc.enable_channelz": 0 });
  const method = { path: "/bare/Get", requestStream: false, responseStream: false } as const;
  const serialisation = {
    requestSerialize: same,
    requestDeserialize: same,
    responseSerialize: same,
    responseDeserialize: same,
  };
  const reply = (_: ServerUnaryCall<Buffer, Buffer>, callback: sendUnaryData<Buffer>) => callback(null, answer);
  server.addService({ Get: { ...method, ...serialisation } }, { Get: reply });
  const port = await new Promise<number>((resolve, reject) => {
    server.bindAsync("127.0.0.1:0", ServerCredentials.createInsecure(), (error, bound) =>
      error ? reject(error) : resolve(bound),
    );
  });
  const client = new GrpcClient(`127.0.0.1:${port}`, credentials.createInsecure(), { "grpc.enable_channelz": 0 });
  const request = codec("partake.v1.GetProjectRequest").encode({ projectId: PROJECT });
  return {
    call: () =>
      new Promise((resolve, reject) => {
        client.makeUnaryRequest("/bare/Get", same, same, request, (error) => (error ? reject(error) : resolve()));
      }),
    close: () => {
      client.close();
      server.forceShutdown();
    },
  };
}

const world = await createWorld({ live: true });
await measureTokens(world);
await measureCalls(world);
