// What of a value may be logged, decided per message once.
import type { Contract, Field, Message } from "./model.ts";

export const redacted = "[personal]";
const maxItemsTold = 100;
const maxTextTold = 200;

type Redact = (value: object) => object;
type RedactField = (value: unknown) => unknown;

/** Copies what the contract knows and calls harmless. Whatever it does not know is left out: a log line fails closed. */
export function createRedact(contract: Contract): (message: string, value: object) => object {
  const compiled = new Map<string, Redact>();
  const compile = (message: Message): Redact => {
    const known = compiled.get(message.name);
    if (known) return known;
    const fields = message.fields.map((field) => ({
      name: field.name,
      redactField: redactField(field, compileNested),
    }));
    const redact: Redact = (value) => {
      const copy: Record<string, unknown> = {};
      for (const { name, redactField } of fields) {
        const member: unknown = Object.hasOwn(value, name) ? (value as Record<string, unknown>)[name] : undefined;
        if (member !== undefined) copy[name] = redactField(member);
      }
      return copy;
    };
    compiled.set(message.name, redact);
    return redact;
  };
  const compileNested = (name: string): Redact => {
    const message = contract.messages.get(name);
    if (!message) throw new Error(`no message ${name}`);
    return compile(message);
  };
  return (name, value) => compileNested(name)(value);
}

function redactField(field: Field, nested: (name: string) => Redact): RedactField {
  if (field.personal) return () => redacted;
  const one = redactOne(field, nested);
  if (field.shape === "repeated") {
    return (value) => (Array.isArray(value) ? value.slice(0, maxItemsTold).map(one) : typeName(value));
  }
  // The names in a map are as free as its values.
  if (field.shape === "map")
    return (value) => (isObject(value) ? `[${Object.keys(value).length} members]` : typeName(value));
  return one;
}

function redactOne(field: Field, nested: (name: string) => Redact): RedactField {
  if ("message" in field.kind) {
    const redact = nested(field.kind.message);
    return (value) => (isObject(value) ? redact(value) : typeName(value));
  }
  const expected = field.kind.scalar === "string" ? "string" : field.kind.scalar === "bool" ? "boolean" : "number";
  return (value) => (typeof value === expected ? shortened(value) : typeName(value));
}

function shortened(value: unknown): unknown {
  return typeof value === "string" && value.length > maxTextTold ? `${value.slice(0, maxTextTold)}…` : value;
}

/** A value of the wrong type was not validated: only its type is told. */
function typeName(value: unknown): string {
  return `[${value === null ? "null" : typeof value}]`;
}

function isObject(value: unknown): value is object {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}
