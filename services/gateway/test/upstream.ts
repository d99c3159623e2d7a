// The other services, played behind the real RPC server: every operation of the contract answers what a test says.
import { generateKeyPairSync } from "node:crypto";
import { type Operation, operations, type ServiceName } from "@partake/contract";
import { failure } from "@partake/failure";
import {
  type Call,
  type Channel,
  createEnforcer,
  mintServiceTokens,
  type Outgoing,
  openChannel,
  readServiceKeys,
  serve,
} from "@partake/rpc";
import type { People } from "./people.ts";

export type Answering = (request: Record<string, unknown>, call: Call) => object | Promise<object>;

/** A call that arrived. */
export interface Seen {
  operation: string;
  request: Record<string, unknown>;
  actorId: string;
  idempotencyKey: string | undefined;
  ifMatch: number | undefined;
  requestId: string;
  traceparent: string | undefined;
}

export interface Upstream {
  /** What an operation answers, by its name; one that a test says nothing of is not found. */
  answers: Map<string, Answering>;
  seen: Seen[];
  invoke(operation: Operation, request: object, outgoing: Outgoing): Promise<object>;
  /** Where all of them answer. */
  address: string;
  /** The gateway's own key. */
  privateKey: string;
  stop(): Promise<void>;
}

export async function startUpstream(options: { origin: string; people: People; nowMs(): number }): Promise<Upstream> {
  const { origin, people, nowMs } = options;
  const own = generateKeyPairSync("ed25519");
  const privateKey = own.privateKey.export({ format: "pem", type: "pkcs8" }).toString();
  const serviceKeys = await readServiceKeys({ keys: [{ ...own.publicKey.export({ format: "jwk" }), kid: "gateway" }] });
  const enforcer = createEnforcer({
    origin,
    keys: people.keys,
    serviceKeys,
    grants: people.grants,
    places: people.places,
    nowMs,
  });
  // Of an organisation's grants everybody has heard everything, unless a test says otherwise.
  const answers = new Map<string, Answering>([
    ["ReadOrganisation", () => ({ visitorsSeeProjects: false, version: 0 })],
  ]);
  const seen: Seen[] = [];
  const services: Record<string, Record<string, Answering>> = {};
  for (const operation of operations.filter(({ owner }) => owner !== "gateway")) {
    const handler: Answering = async (request, call) => {
      const { actorId, idempotencyKey, ifMatch, requestId, traceparent } = call;
      seen.push({ operation: operation.name, request, actorId, idempotencyKey, ifMatch, requestId, traceparent });
      const answer = answers.get(operation.name);
      if (!answer) throw failure("not_found", "not_found");
      // Whatever a played service answers, it has decided.
      if (operation.access.kind === "permission") call.visible();
      return answer(request, call);
    };
    services[operation.service] ??= {};
    Object.assign(services[operation.service] ?? {}, {
      [operation.name.charAt(0).toLowerCase() + operation.name.slice(1)]: handler,
    });
  }
  const server = await serve({ services: services as never, port: 0, host: "127.0.0.1", enforcer });
  server.setReady(true);
  const serviceToken = mintServiceTokens({ service: "gateway", privateKey, nowMs });
  const channels = new Map<ServiceName, Channel>();
  return {
    answers,
    seen,
    address: `127.0.0.1:${server.port}`,
    privateKey,
    invoke(operation, request, outgoing) {
      const { owner } = operation;
      const channel = channels.get(owner) ?? openChannel({ owner, target: `127.0.0.1:${server.port}`, serviceToken });
      channels.set(owner, channel);
      return channel.call(operation, request, outgoing);
    },
    async stop() {
      for (const channel of channels.values()) channel.close();
      await server.stop(1_000);
    },
  };
}
