// What a changed contract would break for those who use the published one. Adding breaks nothing.
import { defaultMaxItems, defaultMaxLength } from "./constraints.ts";
import type { Lock, LockedField, LockedMessage } from "./lock.ts";

/** Every break between the locked contract and the present one, a line each; empty if there is none. */
export function breaksBetween(before: Lock, after: Lock): string[] {
  return [...operationBreaks(before, after), ...messageBreaks(before, after), ...eventBreaks(before, after)];
}

function operationBreaks(before: Lock, after: Lock): string[] {
  return Object.entries(before.operations).flatMap(([path, old]) => {
    const now = after.operations[path];
    // An RPC without a route is between services that are released together.
    if (!now) return old.route === null ? [] : [`${path}: removed, with its route ${old.route}`];
    if (old.route === null) return [];
    const breaks = [];
    if (now.route !== old.route) breaks.push(`${path}: its route was ${old.route}, is ${now.route ?? "none"}`);
    if (now.status !== old.status) breaks.push(`${path}: its status was ${old.status}, is ${now.status}`);
    if (now.request !== old.request) breaks.push(`${path}: its request was ${old.request}, is ${now.request}`);
    if (now.response !== old.response) breaks.push(`${path}: its response was ${old.response}, is ${now.response}`);
    if (now.stream !== old.stream || now.bytes !== old.bytes) breaks.push(`${path}: its bytes travel differently`);
    if (now.access !== old.access && old.access === "public") breaks.push(`${path}: is not public any more`);
    return breaks;
  });
}

function eventBreaks(before: Lock, after: Lock): string[] {
  return Object.entries(before.events).flatMap(([type, old]) => {
    if (!old.public) return [];
    const now = after.events[type];
    if (!now) return [`${type}: removed`];
    const breaks = [];
    if (!now.public) breaks.push(`${type}: is not public any more`);
    if (now.topic !== old.topic) breaks.push(`${type}: its topic was ${old.topic}, is ${now.topic}`);
    if (now.key !== old.key) breaks.push(`${type}: its key was ${old.key}, is ${now.key}`);
    if (now.message !== old.message) breaks.push(`${type}: its message was ${old.message}, is ${now.message}`);
    return breaks;
  });
}

function messageBreaks(before: Lock, after: Lock): string[] {
  return Object.entries(before.messages).flatMap(([name, old]) => {
    const now = after.messages[name];
    const isPublished = old.use.taken || old.use.sent || old.use.event;
    if (!now) return isPublished ? [`${name}: removed`] : [];
    const present = Object.entries(old.fields).flatMap(([field, was]) => {
      const is = now.fields[field];
      if (is) return fieldBreaks(`${name}.${field}`, { was, is, use: old.use });
      if (old.use.internal && was.required) return [`${name}.${field}: removed, and older readers require it`];
      return isPublished ? [`${name}.${field}: removed or renamed`] : reused(name, was, now);
    });
    const added = Object.entries(now.fields).filter(([field]) => !(field in old.fields));
    // Events of the version before are read, too: a topic keeps them, and an update has both versions run side by side.
    const isReadLater = old.use.event || old.use.internal;
    const demanded = added.filter(([, is]) => (old.use.taken || isReadLater) && is.required);
    return [...present, ...demanded.map(([field]) => `${name}.${field}: new and required`)];
  });
}

/** A number that another field took: messages that are still under way would be misread, also between services. */
function reused(name: string, was: LockedField, now: LockedMessage): string[] {
  const taker = Object.entries(now.fields).find(([, is]) => is.number === was.number);
  return taker ? [`${name}.${taker[0]}: took the number ${was.number} of another field`] : [];
}

interface Change {
  was: LockedField;
  is: LockedField;
  use: LockedMessage["use"];
}

function fieldBreaks(name: string, { was, is, use }: Change): string[] {
  const breaks = [];
  if (is.number !== was.number) breaks.push(`${name}: its number was ${was.number}, is ${is.number}`);
  if (is.type !== was.type) breaks.push(`${name}: its type was ${was.type}, is ${is.type}`);
  const wasMany = was.shape === "repeated" || was.shape === "map";
  const changedShape = is.shape !== was.shape;
  const isPublished = use.taken || use.sent || use.event;
  if (changedShape && (wasMany || is.shape === "repeated" || is.shape === "map" || isPublished)) {
    breaks.push(`${name}: was ${was.shape}, is ${is.shape}`);
  }
  const isEvent = use.event || use.internal;
  if ((use.taken || isEvent) && is.required && !was.required) breaks.push(`${name}: became required`);
  if (isEvent && was.required && !is.required) breaks.push(`${name}: is not required any more, in an event`);
  if (isPublished || use.internal) breaks.push(...removedWords(name, was, is));
  if (use.taken || isEvent) breaks.push(...narrowed(name, was, is));
  return breaks;
}

function removedWords(name: string, was: LockedField, is: LockedField): string[] {
  const [before, after] = [was.rule["oneOf"], is.rule["oneOf"]];
  if (!Array.isArray(before) || !Array.isArray(after)) return [];
  const removed = before.filter((word) => !after.includes(word));
  return removed.length > 0 ? [`${name}: lost the word ${removed.join(", ")}`] : [];
}

/** Constraints that a value might have met before and does not meet now. */
function narrowed(name: string, was: LockedField, is: LockedField): string[] {
  const breaks = [];
  for (const kind of ["pattern", "id", "format", "oneOf"]) {
    const [before, after] = [was.rule[kind], is.rule[kind]];
    const sameKind = kind === "oneOf" ? before !== undefined : JSON.stringify(before) === JSON.stringify(after);
    if (after !== undefined && !sameKind) breaks.push(`${name}: its ${kind} is another`);
  }
  for (const { rule, absent, isLower } of bounds) {
    const before = number(was.rule[rule], absent);
    const after = number(is.rule[rule], absent);
    if (isLower ? after > before : after < before) breaks.push(`${name}: its ${rule} was ${before}, is ${after}`);
  }
  return breaks;
}

const bounds = [
  { rule: "minLength", absent: 0, isLower: true },
  { rule: "maxLength", absent: defaultMaxLength, isLower: false },
  { rule: "minItems", absent: 0, isLower: true },
  { rule: "maxItems", absent: defaultMaxItems, isLower: false },
  { rule: "minimum", absent: Number.NEGATIVE_INFINITY, isLower: true },
  { rule: "maximum", absent: Number.POSITIVE_INFINITY, isLower: false },
];

function number(value: unknown, absent: number): number {
  return typeof value === "number" ? value : absent;
}
