// Strict validation, compiled per message by ajv at its first use. All of a value's faults are told, but the work is bounded
// by the schema, never by the value: a list that is too long is not looked into, nor is anything under an unknown name.
import type { FieldError } from "@partake/failure";
import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";
import { type Check, type Complaint, checkNumber, checkText, isRequired, itemBounds } from "./constraints.ts";
import type { Contract, Field, FieldErrorCode, Message } from "./model.ts";

const maxErrors = 50;
const maxUnknownTold = 10;
const mapKey = /^[A-Za-z][A-Za-z0-9_.-]{0,63}$/;
const objectNames = ["constructor", "prototype", "hasOwnProperty", "toString", "valueOf"];
const typeNames: Record<string, string> = {
  string: "a text",
  number: "a number",
  boolean: "true or false",
  array: "a list",
  object: "an object",
};

export type Validate = (message: string, value: unknown) => FieldError[];

export function createValidate(contract: Contract): Validate {
  const ajv = new Ajv({ strict: true, allErrors: true, validateSchema: false, messages: false });
  addKeywords(ajv);
  for (const message of contract.messages.values()) ajv.addSchema(messageSchema(message));
  const compiled = new Map<string, ValidateFunction>();
  return (name, value) => {
    let check = compiled.get(name);
    if (!check) {
      check = ajv.getSchema(name);
      if (!check) throw new Error(`no message ${name}`);
      compiled.set(name, check);
    }
    return check(value) ? [] : fieldErrors(check.errors ?? []);
  };
}

function messageSchema(message: Message): object {
  const properties = Object.fromEntries(message.fields.map((field) => [field.name, fieldSchema(field)]));
  const required = message.fields.filter(isRequired).map(({ name }) => name);
  return { $id: message.name, type: "object", knownNames: Object.keys(properties), properties, required };
}

/** Items are looked at only where there are not too many of them, members only where all their names are allowed. */
function fieldSchema(field: Field): object {
  const { min, max } = itemBounds(field.rule);
  if (field.shape === "repeated") {
    const items = { minItems: min, items: valueSchema(field) };
    return { type: "array", maxItems: max, if: { minItems: max + 1 }, else: items };
  }
  if (field.shape === "map") {
    const members = { minProperties: min, additionalProperties: valueSchema(field) };
    return { type: "object", mapNames: max, if: { not: { mapNames: max } }, else: members };
  }
  return valueSchema(field);
}

function valueSchema(field: Field): object {
  if ("message" in field.kind) return { $ref: field.kind.message };
  if (field.kind.scalar === "bool") return { type: "boolean" };
  if (field.kind.scalar === "string") return { type: "string", text: checkText(field) };
  return { type: "number", amount: checkNumber(field) };
}

function addKeywords(ajv: Ajv): void {
  addCheck(ajv, "text", "string");
  addCheck(ajv, "amount", "number");
  const compile = (names: string[]) => {
    const known = new Set(names);
    return reporting((value: Record<string, unknown>) => unknownNames(value, known));
  };
  ajv.addKeyword({ keyword: "knownNames", type: "object", errors: true, compile });
  const compileMap = (max: number) => reporting((value: Record<string, unknown>) => mapComplaint(value, max));
  ajv.addKeyword({ keyword: "mapNames", type: "object", errors: true, compile: compileMap });
}

function addCheck(ajv: Ajv, keyword: string, type: "string" | "number"): void {
  const compile = (check: Check<unknown>) =>
    reporting((value: unknown) => {
      const complaint = check(value);
      return complaint ? [{ ...complaint, name: undefined }] : none;
    });
  ajv.addKeyword({ keyword, type, errors: true, compile });
}

interface NamedComplaint extends Complaint {
  /** Of the member that the complaint is about, if it is not about the whole. */
  name: string | undefined;
}
const none: NamedComplaint[] = [];

interface Reporting<T> {
  (value: T): boolean;
  errors?: Partial<ErrorObject>[];
}

/** ajv takes a keyword's errors from a property of its function. */
function reporting<T>(complaints: (value: T) => NamedComplaint[]): Reporting<T> {
  const report: Reporting<T> = (value) => {
    const found = complaints(value);
    if (found.length === 0) return true;
    report.errors = found.map((params) => ({ keyword: "complaint", params }));
    return false;
  };
  return report;
}

function unknownNames(value: Record<string, unknown>, known: ReadonlySet<string>): NamedComplaint[] {
  let found = none;
  for (const name in value) {
    if (known.has(name)) continue;
    // What the sender called it may itself tell something of a person, so only a plain name is repeated.
    const told = mapKey.test(name) ? name : undefined;
    const message = told === undefined ? "contains a name that is not known" : "is not known";
    found = [...found, { code: "unknown", message, name: told }];
    if (found.length === maxUnknownTold) break;
  }
  return found;
}

function mapComplaint(value: Record<string, unknown>, max: number): NamedComplaint[] {
  let count = 0;
  for (const name in value) {
    count += 1;
    if (count > max) return [{ code: "too_many", message: `must have at most ${max} members`, name: undefined }];
    if (!mapKey.test(name) || objectNames.includes(name)) {
      return [{ code: "unknown", message: "contains a name that is not allowed", name: undefined }];
    }
  }
  return none;
}

function fieldErrors(errors: readonly ErrorObject[]): FieldError[] {
  const told = errors.filter(({ keyword }) => keyword !== "if").slice(0, maxErrors);
  return told.map((error) => {
    const { pointer, code, message } = fieldError(error);
    return { pointer, code, message };
  });
}

function fieldError(error: ErrorObject): { pointer: string; code: FieldErrorCode; message: string } {
  const { instancePath: pointer, keyword, params } = error;
  const limit: unknown = params["limit"];
  switch (keyword) {
    case "type":
      return { pointer, code: "type", message: `must be ${typeNames[String(params["type"])] ?? "of another type"}` };
    case "required":
      return { pointer: `${pointer}/${String(params["missingProperty"])}`, code: "required", message: "is required" };
    case "maxItems":
      return { pointer, code: "too_many", message: `must have at most ${String(limit)} items` };
    case "minItems":
    case "minProperties":
      return { pointer, code: "too_few", message: `must have at least ${String(limit)} items` };
    case "complaint": {
      const { code, message, name } = params as NamedComplaint;
      return { pointer: name === undefined ? pointer : `${pointer}/${name}`, code, message };
    }
    default:
      throw new Error(`ajv reported the unexpected keyword ${keyword}`);
  }
}
