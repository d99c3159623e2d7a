// The contract in canonical form, as docs/reference/contract.lock.json keeps the last one that was published.
import { isRequired } from "./constraints.ts";
import type { Access, Contract, Field, Message, Operation } from "./model.ts";
import { reachable } from "./types-source.ts";

export interface LockedField {
  number: number;
  type: string;
  shape: Field["shape"];
  required: boolean;
  /** The constraints, without those that are absent. */
  rule: Record<string, unknown>;
}

export interface LockedMessage {
  /**
   * Whether clients write it, read it, read it in a public event, or our own services in any other; or neither: then only its wire
   * form is held.
   */
  use: { taken: boolean; sent: boolean; event: boolean; internal: boolean };
  fields: Record<string, LockedField>;
}

export interface LockedOperation {
  request: string;
  response: string;
  stream: boolean;
  bytes: Operation["bytes"];
  route: string | null;
  status: number | null;
  access: Access["kind"];
}

export interface LockedEvent {
  message: string;
  topic: string;
  key: string;
  public: boolean;
}

export interface Lock {
  /** Breaks that were accepted before anybody depended on the contract, with the reason given. */
  accepted: { reason: string; breaks: string[] }[];
  operations: Record<string, LockedOperation>;
  messages: Record<string, LockedMessage>;
  events: Record<string, LockedEvent>;
}

export function lockOf(contract: Contract, accepted: Lock["accepted"]): Lock {
  const routed = contract.operations.filter(({ route }) => route !== undefined);
  const taken = reachable(
    contract,
    routed.map(({ request }) => request),
  );
  const sent = reachable(
    contract,
    routed.map(({ response }) => response),
  );
  const publicTypes = contract.eventTypes.filter((eventType) => eventType.public);
  const event = reachable(
    contract,
    publicTypes.map(({ message }) => message),
  );
  const internalTypes = contract.eventTypes.filter((eventType) => !eventType.public);
  const internal = reachable(
    contract,
    internalTypes.map(({ message }) => message),
  );
  const messages = [...contract.messages.values()].map((message): [string, LockedMessage] => {
    const { name } = message;
    const read = { event: event.has(name), internal: internal.has(name) };
    const use = { taken: taken.has(name), sent: sent.has(name), ...read };
    return [name, { use, fields: lockedFields(message) }];
  });
  return {
    accepted,
    operations: sorted(contract.operations.map((operation) => [operation.path, lockedOperation(operation)])),
    messages: sorted(messages),
    events: sorted(
      contract.eventTypes.map(({ type, message, topic, key, ...eventType }) => [
        type,
        { message, topic, key, public: eventType.public },
      ]),
    ),
  };
}

function lockedOperation(operation: Operation): LockedOperation {
  const { route } = operation;
  return {
    request: operation.request,
    response: operation.response,
    stream: operation.requestStream || operation.responseStream,
    bytes: operation.bytes,
    route: route ? `${route.method} ${route.path}` : null,
    status: route ? route.status : null,
    access: operation.access.kind,
  };
}

function lockedFields(message: Message): Record<string, LockedField> {
  return Object.fromEntries(
    message.fields.map((field) => {
      const { required: _, ...rule } = field.rule;
      const type = "scalar" in field.kind ? field.kind.scalar : field.kind.message;
      return [field.name, { number: field.number, type, shape: field.shape, required: isRequired(field), rule }];
    }),
  );
}

function sorted<T>(entries: readonly [string, T][]): Record<string, T> {
  return Object.fromEntries([...entries].sort(([a], [b]) => (a < b ? -1 : 1)));
}
