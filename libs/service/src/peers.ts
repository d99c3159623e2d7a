import { type Operation, operations, type ServiceName, type Services } from "@partake/contract";
import {
  type Channel,
  type Client,
  connect,
  type MintServiceToken,
  type Observation,
  type Outgoing,
  openChannel,
} from "@partake/rpc";
import type { Config } from "./config.ts";

export interface PeersOptions {
  service: ServiceName;
  config: Config;
  serviceToken: MintServiceToken;
  observe(observation: Observation): void;
}

/** The other services, each reached at first use. */
export interface Peers {
  clients: { [S in keyof Services]: Client<S> };
  invoke(operation: Operation, request: object, outgoing: Outgoing): Promise<object>;
  close(): void;
}

export function openPeers(options: PeersOptions): Peers {
  const channels = new Map<ServiceName, Channel>();
  const channelTo = (owner: ServiceName): Channel => {
    const open = channels.get(owner);
    if (open !== undefined) return open;
    const { serviceToken, observe } = options;
    const channel = openChannel({ owner, target: targetOf(owner, options), serviceToken, observe });
    channels.set(owner, channel);
    return channel;
  };
  const services = new Map(operations.map(({ service, owner }) => [service, owner]));
  const clients = {};
  for (const [service, owner] of services) {
    let client: object | undefined;
    Object.defineProperty(clients, service, {
      enumerable: true,
      get: () => {
        client ??= connect(service as keyof Services, channelTo(owner));
        return client;
      },
    });
  }
  return {
    clients: clients as Peers["clients"],
    invoke: (operation, request, outgoing) => channelTo(operation.owner).call(operation, request, outgoing),
    close: () => {
      for (const channel of channels.values()) channel.close();
    },
  };
}

function targetOf(owner: ServiceName, { service, config }: PeersOptions): string {
  if (owner === service) throw new Error(`${service} calls itself over the network`);
  const target = owner === "gateway" ? "" : config.addresses[owner];
  if (target === "") throw new Error(`${owner.toUpperCase()}_ADDRESS is not set, and ${service} calls ${owner}`);
  return target;
}
