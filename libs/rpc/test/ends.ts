// Both ends of a call: servers and clients that a test starts, and that end with it.
import { credentials, Client as GrpcClient, Metadata, type ServiceError } from "@grpc/grpc-js";
import { operation, operations, type ServiceName, type Services } from "@partake/contract";
import {
  type Call,
  type Channel,
  type Implementations,
  type Observation,
  type Outgoing,
  openChannel,
  type RpcServer,
  serve,
} from "@partake/rpc";
import { afterEach, beforeEach } from "vitest";
import { methodName } from "../src/hosted.ts";
import { createWorld, ORGANISATION, PROJECT, type World } from "./world.ts";

export type Handler = (request: object, call: Call) => Promise<object>;

/** Made anew for each test, as are the others. */
export let world: World;
export let server: RpcServer | undefined;
let channels: Channel[];
export let observed: Observation[];

/** How calls travel in a test: each by itself, or by the shared streams. */
export const transports = ["unary", "carried"] as const;
let transport: (typeof transports)[number] = "unary";
/** For a `describe.each(transports)`. */
export function over(chosen: (typeof transports)[number]): void {
  beforeEach(() => {
    transport = chosen;
  });
}

beforeEach(async () => {
  world = await createWorld({ live: true });
  channels = [];
  observed = [];
});

afterEach(async () => {
  for (const channel of channels) channel.close();
  await server?.stop(100);
  server = undefined;
});

/** Implements every RPC of a proto service, with some done by the test. */
export function implement(service: keyof Services, done: Record<string, Handler>): object {
  const rest: Handler = async () => {
    throw new Error("a handler was reached that should not be");
  };
  const declared = operations.filter((one) => one.service === service);
  return { ...Object.fromEntries(declared.map((one) => [methodName(one), rest])), ...done };
}

export async function start(services: Record<string, object>): Promise<RpcServer> {
  const observe = (observation: Observation) => observed.push(observation);
  server = await serve({
    services: services as Implementations,
    port: 0,
    host: "127.0.0.1",
    enforcer: world.enforcer,
    observe,
  });
  return server;
}

export function channel(owner: ServiceName = "projects", caller = "gateway"): Channel {
  return open({ owner, caller, target: `127.0.0.1:${server?.port}` });
}

/** A channel whose streams, where it is to have any, are open before its first call. */
export function open({ owner = "projects", caller = "gateway", target }: Opening): Channel {
  const opened = openChannel({
    owner,
    target,
    serviceToken: world.serviceToken(caller),
    observe: (observation) => observed.push(observation),
    carries: transport === "carried",
  });
  channels.push(opened);
  if (transport === "unary") return opened;
  const warm = opened.warm();
  return {
    ...opened,
    call: async (...given) => {
      await warm;
      return opened.call(...given);
    },
  };
}

interface Opening {
  owner?: ServiceName;
  caller?: string;
  target: string;
}

export const getProject = operation("/partake.v1.Projects/GetProject");
export const project = { id: PROJECT, organisationId: ORGANISATION, title: "A project", version: 1 };
export const get = (outgoing: Outgoing = {}) =>
  channel().call(getProject, { projectId: PROJECT }, { userToken: world.token(), ...outgoing });

/** A call as anybody on the network could make it. */
export function raw(path: string, bytes: Buffer, headers: Record<string, string>): Promise<Buffer | ServiceError> {
  const client = new GrpcClient(`127.0.0.1:${server?.port}`, credentials.createInsecure());
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  const same = (of: Buffer) => of;
  return new Promise((resolve) => {
    client.makeUnaryRequest(path, same, same, bytes, metadata, { deadline: Date.now() + 5_000 }, (error, answer) => {
      client.close();
      resolve(error ?? answer ?? Buffer.alloc(0));
    });
  });
}
