import type { Connection, Model } from "mongoose";
import { journalName } from "./journal.ts";
import type { AnyCollection, Stored } from "./types.ts";

/** What identifies the request that made a record; beside the record's own fields and never read with them. */
export const requestField = "_request";

/** The version of grants that whoever wrote a record knew of; read with it, and set by the store alone. */
export const grantsField = "_grants";

export type StoredModel = Model<Stored>;

/** The models of the declared collections, by collection. */
export interface Models {
  of(collection: { name: string }): StoredModel;
  readonly all: ReadonlyMap<string, StoredModel>;
}

const reserved = new Set([journalName, "leases"]);

export function declareModels(connection: Connection, collections: readonly AnyCollection[]): Models {
  const all = new Map<string, StoredModel>();
  for (const collection of collections) {
    if (reserved.has(collection.name)) throw new Error(`the collection name ${collection.name} is the store's own`);
    if (all.has(collection.name)) throw new Error(`the collection ${collection.name} is declared twice`);
    all.set(collection.name, declareModel(connection, collection));
  }
  return {
    all,
    of({ name }) {
      const model = all.get(name);
      if (!model) throw new Error(`the collection ${name} is not declared by this service`);
      return model;
    },
  };
}

function declareModel(connection: Connection, { name, schema }: AnyCollection): StoredModel {
  const own = schema.clone();
  for (const field of ["_id", "version"]) if (!own.path(field)) throw new Error(`the schema of ${name} lacks ${field}`);
  own.add({ [requestField]: { type: String, select: false }, [grantsField]: Number });
  own.set("versionKey", false);
  own.set("id", false);
  own.set("minimize", false);
  own.set("autoIndex", false);
  own.set("autoCreate", false);
  own.set("strict", "throw");
  // A field that the schema lacks would else be left out of the filter, and the filter match too much.
  own.set("strictQuery", "throw");
  return connection.model(name, own, name) as unknown as StoredModel;
}

/**
 * The fields of a record as they are stored: cast, and checked by the schema's validators. Only `fields` where only those change.
 */
export async function castRecord(
  model: StoredModel,
  record: object,
  fields?: string[],
): Promise<Record<string, unknown>> {
  for (const field of Object.keys(record))
    if (!topLevel(model).has(field)) throw new TypeError(`${model.collection.name} has no field ${field}`);
  const cast = await (fields ? model.validate({ ...record }, fields) : model.validate({ ...record }));
  return cast as unknown as Record<string, unknown>;
}

const knownFields = new WeakMap<StoredModel, ReadonlySet<string>>();

function topLevel(model: StoredModel): ReadonlySet<string> {
  const known = knownFields.get(model);
  if (known) return known;
  const fields = new Set(Object.keys(model.schema.paths).map((path) => path.split(".")[0] ?? path));
  fields.delete(requestField);
  knownFields.set(model, fields);
  return fields;
}
