import { randomBytes } from "node:crypto";
import type { Arrived, Handlers, Subscription } from "@partake/bus";
import type { Parts } from "@partake/service";
import type { Transaction } from "@partake/store";
import { digestOf } from "./domain/audit-chain.ts";
import { sha256 } from "./sha256.ts";
import { keepPlace } from "./store/access-history.ts";
import { auditEntries } from "./store/audit.ts";
import { giveCreator } from "./store/creator-grants.ts";
import { noteRemoved } from "./store/removed-scopes.ts";

type Projects = Arrived<"org.partake.project.scope-changed.v1">;
type FolderRemoved = Arrived<"org.partake.folder.removed.v1">;
type Contacts = Arrived<"org.partake.contact.scope-changed.v1">;
type Audit = Arrived<"org.partake.audit.recorded.v1">;

/** What identity does when something happens elsewhere. */
export function subscriptions({ newId }: Pick<Parts, "newId">): Subscription[] {
  const creatorOf = ({ data, source }: Projects | Contacts) => {
    const { organisationId, createdBy: userId } = data;
    return { id: newId("grn"), organisationId, userId, grantedBy: serviceOf(source) };
  };
  const handlers: Handlers = {
    "org.partake.project.scope-changed.v1": {
      async apply(event: Projects, tx: Transaction) {
        const { projectId, organisationId, createdBy, status, removed } = event.data;
        await keepPlace(tx, { ...event.data, at: new Date(event.time) });
        if (removed) return await noteRemoved(tx, { scope: projectId, organisationId });
        if (!createdBy.startsWith("usr_") || status === "deleted") return;
        await giveCreator(tx, { ...creatorOf(event), role: "manager", scope: projectId });
      },
    },
    "org.partake.folder.removed.v1": {
      async apply({ data: { folderId: scope, organisationId } }: FolderRemoved, tx: Transaction) {
        await noteRemoved(tx, { scope, organisationId });
      },
    },
    "org.partake.contact.scope-changed.v1": {
      async apply(event: Contacts, tx: Transaction) {
        const { contactId, organisationId, createdBy, deleted } = event.data;
        // With it go the levels that colleagues have for it, and what it took part in.
        if (deleted) return await noteRemoved(tx, { scope: contactId, organisationId });
        if (!createdBy.startsWith("usr_")) return;
        await giveCreator(tx, { ...creatorOf(event), role: "contact_updates", scope: contactId });
      },
    },
    "org.partake.audit.recorded.v1": {
      async apply({ data }: Audit, tx: Transaction) {
        const { auditId, recordedAt, outcome, ...told } = data;
        if ((await tx.get(auditEntries, auditId)) !== undefined) return;
        const details = { ...told, outcome: outcome || ("done" as const), recordedAt: new Date(recordedAt) };
        const salt = randomBytes(16).toString("base64url");
        const digest = digestOf(details, salt, sha256);
        await tx.insert(auditEntries, { _id: auditId, ...details, salt, digest, arrivedAt: tx.now, sealed: false });
      },
    },
  };
  return [{ group: "identity", handlers }];
}

function serviceOf(source: string): string {
  return `service:${source.slice(source.lastIndexOf("/") + 1)}`;
}
