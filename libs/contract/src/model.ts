// What the protos say, as data. Everything else in this package is derived from these shapes.

export const serviceNames = [
  "gateway",
  "identity",
  "projects",
  "contacts",
  "progress",
  "messaging",
  "billing",
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** The request field that names a project which an answer is narrowed to, and what is needed to be told of that project. */
export interface Within {
  field: string;
  permission: string;
}

/** Who may call an operation. `scope` is a camelCase path into the request; `record` one into it, or a list of the response. */
export type Access =
  | { kind: "public" }
  | { kind: "account" }
  | { kind: "permission"; permission: string; scope?: string; record?: string; within?: Within }
  | { kind: "services"; services: ServiceName[] };

export interface Route {
  method: "GET" | "POST" | "PATCH" | "PUT" | "DELETE";
  /** As declared: /v1/projects/{project_id}:move. */
  path: string;
  /** camelCase request fields, in the order in which the path holds them. */
  pathFields: string[];
  /** camelCase request fields that the query string may hold. */
  queryFields: string[];
  /** Whether the JSON body holds the request's other fields. */
  body: boolean;
  /** Of success: 201 where something new is made, 204 where there is nothing to say. */
  status: 200 | 201 | 204;
}

export interface Operation {
  /** The RPC's name: CreateProject. */
  name: string;
  /** The proto service's name: Projects. */
  service: string;
  owner: ServiceName;
  /** /partake.v1.Projects/CreateProject */
  path: string;
  /** Full message names, as `validate` and `codec` take them: partake.v1.CreateProjectRequest. */
  request: string;
  response: string;
  requestStream: boolean;
  responseStream: boolean;
  route?: Route;
  access: Access;
  /** The person must have proved who they are lately. */
  fresh: boolean;
  bytes: "none" | "upload" | "download" | "events" | "export";
  /** The answer is the same for everybody: caches may keep it for so long. */
  cacheSeconds?: number;
  /** Whoever reads personal data by it leaves a line in the audit trail. */
  viewing?: Viewing;
  refusals: string[];
  /** Its JSON is that of a published standard. */
  foreign: boolean;
  /** The prefix of the id of what it makes, which the client may make: prj. */
  idPrefix?: string;
  needsIdempotencyKey: boolean;
  needsIfMatch: boolean;
  summary: string;
  /** Ids of features.md that the RPC's comment names. */
  features: string[];
}

export interface Viewing {
  /** A word of the audit trail. */
  action: string;
  /** The camelCase request field that holds the id of what is looked at. */
  subject?: string;
  /** Recorded before the first page is read. */
  bulk: boolean;
}

export interface EventType {
  /** The CloudEvents type, with its version. */
  type: string;
  /** Full message name. */
  message: string;
  topic: string;
  owner: ServiceName;
  public: boolean;
  /** The camelCase field whose value is the Kafka key. */
  key: string;
  compacted: boolean;
  broadcast: boolean;
  summary: string;
}

/** The codes that `validate` and `coerceQuery` give to a field error. */
export type FieldErrorCode =
  | "required"
  | "unknown"
  | "type"
  | "text"
  | "too_short"
  | "too_long"
  | "too_few"
  | "too_many"
  | "too_small"
  | "too_large"
  | "not_allowed"
  | "format";

export interface Codec {
  encode(value: object): Buffer;
  decode(bytes: Uint8Array): object;
}

export type ScalarKind = "string" | "int32" | "uint32" | "double" | "bool";
export type FormatName = "date-time" | "date" | "email" | "uri" | "time-zone" | "language";

export interface Rule {
  required: boolean;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  oneOf?: string[];
  id?: string;
  format?: FormatName;
  minimum?: number;
  maximum?: number;
  minItems?: number;
  maxItems?: number;
}

export interface Field {
  /** camelCase, as in JSON and TypeScript. */
  name: string;
  /** As in the proto. */
  protoName: string;
  number: number;
  /** A scalar, or the full name of a message. */
  kind: { scalar: ScalarKind } | { message: string };
  /** implicit: always there after decoding; explicit: there only if set. */
  shape: "implicit" | "explicit" | "repeated" | "map";
  personal: boolean;
  rule: Rule;
  comment: string;
}

export interface Message {
  /** partake.v1.Project */
  name: string;
  /** Project */
  shortName: string;
  comment: string;
  fields: Field[];
}

export interface Service {
  /** The proto service's name: Projects. */
  name: string;
  owner: ServiceName;
  comment: string;
}

/** A word of a vocabulary, and what it says as a sentence. */
export interface Word {
  word: string;
  is: string;
}

export interface Contract {
  /** Lists of words that are declared once, by name. */
  vocabularies: ReadonlyMap<string, readonly Word[]>;
  services: readonly Service[];
  messages: ReadonlyMap<string, Message>;
  operations: readonly Operation[];
  eventTypes: readonly EventType[];
}
