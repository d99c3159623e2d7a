// docs/reference/operations.md: every operation on a line.
import { oneLine } from "./json-schema.ts";
import type { Access, Contract, Operation, Service } from "./model.ts";

export function operationsTable(contract: Contract): string {
  const parts = contract.services.map((service) => serviceTable(contract, service));
  return [
    "# Operations",
    "",
    "Generated from the protos by `npm run generate -w @partake/contract`. Do not edit. What the permissions allow to whom is in the policy of `libs/authz`.",
    "",
    ...parts,
    ...eventTable(contract),
  ].join("\n");
}

function serviceTable(contract: Contract, service: Service): string {
  const own = contract.operations.filter((operation) => operation.service === service.name);
  const rows = own.map((operation) => {
    const route = operation.route ? `\`${operation.route.method} ${operation.route.path}\`` : "";
    const cells = [
      operation.name,
      route,
      operation.fresh ? `${accessText(operation.access)}; fresh proof` : accessText(operation.access),
      operation.features.join(", "),
      notes(operation),
    ];
    return `| ${cells.map(cell).join(" | ")} |`;
  });
  const head = ["| operation | route | access | features | what it does |", "|---|---|---|---|---|"];
  return [`## ${service.name}`, "", oneLine(service.comment), "", ...head, ...rows, ""].join("\n");
}

function notes(operation: Operation): string {
  const refusals = operation.refusals.map((reason) => `\`${reason}\``).join(", ");
  return refusals === "" ? operation.summary : `${operation.summary} Refuses: ${refusals}.`;
}

function accessText(access: Access): string {
  switch (access.kind) {
    case "public":
      return "anyone";
    case "account":
      return "whoever is logged in";
    case "services":
      return `services: ${access.services.join(", ")}`;
    case "permission": {
      const { within } = access;
      return within === undefined
        ? permissionText(access)
        : `${permissionText(access)}, \`${within.permission}\` on ${within.field} where it is named`;
    }
    default:
      return access satisfies never;
  }
}

function permissionText({ permission, scope, record }: Extract<Access, { kind: "permission" }>): string {
  if (scope !== undefined) return `\`${permission}\` on ${scope}`;
  if (record === undefined) return `\`${permission}\` in the organisation`;
  return record === "items" ? `\`${permission}\` on each item` : `\`${permission}\` on the record of ${record}`;
}

function eventTable(contract: Contract): string[] {
  const rows = contract.eventTypes.map(({ type, topic, owner, key, ...eventType }) => {
    const cells = [`\`${type}\``, topicCell(topic, eventType), owner, key, eventType.public ? "public" : ""];
    return `| ${[...cells, eventType.summary].map(cell).join(" | ")} |`;
  });
  const head = ["| type | topic | owner | key | contract | what happened |", "|---|---|---|---|---|---|"];
  return ["## Events", "", ...head, ...rows, ""];
}

function topicCell(topic: string, { compacted, broadcast }: { compacted: boolean; broadcast: boolean }): string {
  const kinds = [...(compacted ? ["compacted"] : []), ...(broadcast ? ["broadcast"] : [])];
  return kinds.length > 0 ? `${topic} (${kinds.join(", ")})` : topic;
}

function cell(text: string): string {
  return oneLine(text).replaceAll("|", "\\|");
}
