import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";
import type { MetricKind } from "../domain/values.ts";

/** A metric of a project. It is never changed, so answers keep their meaning. */
export interface MetricRecord extends Stored {
  organisationId: string;
  projectId: string;
  ownerId: string;
  title: string;
  kind: MetricKind;
  unit: string;
  baseline?: number;
  target?: number;
  milestones: { title: string; value: number }[];
  published: boolean;
  createdAt: Date;
}

/** As many as a list of them shows. */
export const METRICS_MAXIMUM = 200;

const milestone = new Schema(
  { title: { type: String, required: true }, value: { type: Number, required: true } },
  { _id: false },
);

export const metrics: CollectionDefinition<MetricRecord> = {
  name: "metrics",
  schema: new Schema<MetricRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    projectId: { type: String, required: true },
    ownerId: { type: String, required: true },
    title: { type: String, required: true },
    kind: { type: String, required: true },
    unit: { type: String },
    baseline: Number,
    target: Number,
    milestones: { type: [milestone], required: true },
    published: { type: Boolean, required: true },
    createdAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { projectId: 1, createdAt: 1, _id: 1 } }],
};
