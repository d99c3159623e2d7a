import type { CollectionDefinition, Stored } from "@partake/store";
import { Schema } from "mongoose";

/** That an operator opened an organisation's export to its admins. What they read is read then: no copy lies anywhere. (X7) */
export interface OrganisationExportRecord extends Stored {
  organisationId: string;
  openedAt: Date;
  expiresAt: Date;
}

export const organisationExports: CollectionDefinition<OrganisationExportRecord> = {
  name: "organisation_exports",
  schema: new Schema<OrganisationExportRecord>({
    _id: { type: String, required: true },
    version: { type: Number, required: true },
    organisationId: { type: String, required: true },
    openedAt: { type: Date, required: true },
    expiresAt: { type: Date, required: true },
  }),
  indexes: [{ keys: { organisationId: 1, _id: -1 } }],
};
