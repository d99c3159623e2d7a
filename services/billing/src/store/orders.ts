import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

export interface OrderRecord extends Stored {
  organisationId: string;
  ownerId: string;
  credits: number;
  state: "ordered" | "confirmed";
  createdAt: Date;
  confirmedAt?: Date;
}

export const orders: CollectionDefinition<OrderRecord> = {
  name: "orders",
  schema: new Schema<OrderRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    ownerId: { type: String, required: true },
    credits: { type: Number, required: true },
    state: { type: String, required: true },
    createdAt: { type: Date, required: true },
    confirmedAt: Date,
  }),
  indexes: [{ keys: { organisationId: 1, _id: -1 } }, { keys: { state: 1, _id: -1 } }],
};
