import type { ServiceName } from "@partake/contract";
import { addressedServices, addressVariables } from "./address-variables.ts";
import type { ConfigurationVariable } from "./configuration-variable.ts";
import { configurationVariables, type declaredVariables } from "./variables.ts";

type Declared = (typeof declaredVariables)[number];
type Value<V> = V extends ConfigurationVariable<infer T> ? T : never;

/** The configuration of a service, read once at its start. What a service does not use has its fallback, or is empty. */
export type Config = { readonly [V in Declared as V["property"]]: Value<V> } & {
  /** gRPC targets by service. */
  readonly addresses: Readonly<Record<(typeof addressedServices)[number], string>>;
};

/** What is wrong with the environment, all of it at once. Values are never repeated: some are secret. */
export class ConfigurationError extends Error {
  override readonly name = "ConfigurationError";
}

/** Reads the environment strictly: whatever the service uses must be there and well formed. */
export function readConfig(environment: Readonly<Record<string, string | undefined>>, service: ServiceName): Config {
  const problems: string[] = [];
  const isProduction = (environment["PARTAKE_ENVIRONMENT"] ?? "production") !== "development";
  const read = (variable: ConfigurationVariable): unknown => {
    const isUsed = variable.usedBy?.includes(service) ?? true;
    const given = environment[variable.name];
    if (given !== undefined && given !== "") {
      try {
        return variable.read(given);
      } catch (error) {
        problems.push(`${variable.name}: ${error instanceof Error ? error.message : "malformed"}. ${variable.doc}`);
        return variable.fallback;
      }
    }
    const isMissing = variable.fallback === undefined || (isProduction && variable.requiredInProduction === true);
    if (isUsed && isMissing) problems.push(`${variable.name} is not set. Expected: ${variable.type}. ${variable.doc}`);
    return variable.fallback;
  };
  const values = Object.fromEntries(configurationVariables.map((variable) => [variable.property, read(variable)]));
  if (problems.length > 0)
    throw new ConfigurationError(`${service} cannot start:\n${problems.map((problem) => `  ${problem}`).join("\n")}`);
  const addresses = Object.fromEntries(
    addressVariables.map(({ property }, index) => [addressedServices[index], values[property]]),
  );
  return { ...values, addresses } as unknown as Config;
}
