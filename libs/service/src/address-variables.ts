import type { ServiceName } from "@partake/contract";
import type { ConfigurationVariable } from "./configuration-variable.ts";
import { text } from "./variable-readers.ts";

/** Nobody calls itself. */
const others = (name: ServiceName): readonly ServiceName[] =>
  (["gateway", "identity", "projects", "contacts", "progress", "messaging", "billing"] as const).filter(
    (service) => service !== name,
  );

export const addressedServices = ["identity", "projects", "contacts", "progress", "messaging", "billing"] as const;

export const addressVariables = addressedServices.map((service) => address(service, others(service)));

function address(service: string, usedBy: readonly ServiceName[]): ConfigurationVariable<string, string> {
  return {
    name: `${service.toUpperCase()}_ADDRESS`,
    property: `${service}Address`,
    type: "gRPC target",
    read: text,
    fallback: "",
    requiredInProduction: true,
    usedBy,
    doc: `Where ${service} answers RPCs: host:port, dns:///host:port or ipv4:a:port,b:port.`,
  };
}
