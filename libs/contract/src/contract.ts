// The door of @partake/contract.
import type { Codec, EventType, FieldError, Operation } from "./model.ts";

export type { Events, Services } from "@partake/proto/types";
export type { Access, Codec, EventType, FieldError, FieldErrorCode, Operation, Route, ServiceName } from "./model.ts";

export const operations: readonly Operation[] = [];
export function operation(path: string): Operation {
  throw new Error(`no RPC ${path}`);
}
export function validate(message: string, _value: unknown): FieldError[] {
  throw new Error(`no message ${message}`);
}
export function codec(message: string): Codec {
  throw new Error(`no message ${message}`);
}
export function coerceQuery(
  message: string,
  _fields: string[],
  _query: URLSearchParams,
): { value: Record<string, unknown>; errors: FieldError[] } {
  throw new Error(`no message ${message}`);
}
export const eventTypes: readonly EventType[] = [];
export function eventType(type: string): EventType {
  throw new Error(`no event type ${type}`);
}
export function redact(message: string, _value: object): object {
  throw new Error(`no message ${message}`);
}
export function openApi(_options: { origin: string }): object {
  return {};
}
export function asyncApi(_options: { broker: string }): object {
  return {};
}
export function eventSchemas(): Record<string, object> {
  return {};
}
