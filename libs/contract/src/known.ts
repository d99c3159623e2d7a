// What of a value this contract knows. Whoever reads an event may be older than who wrote it.
import type { Contract, Field } from "./model.ts";

/** Copies a value without the members that its message does not declare, at any depth. What is of a wrong type stays, to be refused. */
export function createKnown(contract: Contract): (message: string, value: object) => object {
  const known = (name: string, value: object): object => {
    const message = contract.messages.get(name);
    if (!message) throw new Error(`no message ${name}`);
    const declared = message.fields.filter((field) => Object.hasOwn(value, field.name));
    return Object.fromEntries(
      declared.map((field) => [field.name, member(field, (value as Record<string, unknown>)[field.name])]),
    );
  };

  function member(field: Field, value: unknown): unknown {
    if (!("message" in field.kind)) return value;
    const { message } = field.kind;
    const one = (item: unknown) => (isObject(item) ? known(message, item) : item);
    if (field.shape === "repeated") return Array.isArray(value) ? value.map(one) : value;
    if (field.shape !== "map") return one(value);
    return isObject(value) ? Object.fromEntries(Object.entries(value).map(([name, item]) => [name, one(item)])) : value;
  }
  return known;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
