import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Infrastructure } from "../infrastructure/infrastructure.ts";
import { freePorts, type PortNeed } from "../processes/ports.ts";
import { checkoutFolder, portVariables } from "../settings.ts";
import { SetupError } from "../terminal/setup-error.ts";
import type { PlatformKeys } from "./keys.ts";

export const serviceNames = [
  "identity",
  "projects",
  "contacts",
  "progress",
  "messaging",
  "billing",
  "gateway",
] as const;
export type ServiceName = (typeof serviceNames)[number];

/** One process of the platform and where it listens. */
export interface PlannedProcess {
  service: ServiceName;
  replica: number;
  rpcPort: number;
  adminPort: number;
  /** The gateway's public door and the OpenID provider's pages. */
  httpPort: number | undefined;
}

export type PortChoice = { kind: "free" } | { kind: "fixed"; gatewayPort: number; servicesPort: number };

/** From a service's RPC port to that of its health and metrics, and to that of its pages. */
const adminOffset = 100;
const httpOffset = 200;
const portsPerReplica = 10;

/** Decides the processes and their ports before any of them starts, because each is told where the others are. */
export async function planProcesses(options: {
  services: readonly ServiceName[];
  replicas: number;
  ports: PortChoice;
}): Promise<PlannedProcess[]> {
  const { services, replicas, ports } = options;
  const pairs = Array.from({ length: replicas }, (_, replica) => services.map((service) => ({ service, replica })));
  if (ports.kind === "fixed") return pairs.flat().map((pair) => fixedPorts(pair, ports));
  const free = await freePorts(pairs.flat().length * 3);
  return pairs.flat().map((pair) => {
    const [rpcPort = 0, adminPort = 0, httpPort = 0] = free.splice(0, 3);
    return { ...pair, rpcPort, adminPort, httpPort: hasHttp(pair.service) ? httpPort : undefined };
  });
}

export function portNeeds(processes: readonly PlannedProcess[]): PortNeed[] {
  return processes.flatMap((planned) => {
    const user = planned.service;
    const variable = portVariables.servicesPort.variable;
    const needs: PortNeed[] = [planned.rpcPort, planned.adminPort].map((port) => ({ port, user, variable }));
    if (planned.httpPort === undefined) return needs;
    const http = { port: planned.httpPort, user };
    return [...needs, { ...http, variable: user === "gateway" ? portVariables.gatewayPort.variable : variable }];
  });
}

export interface PlatformEnvironment {
  infrastructure: Pick<Infrastructure, "mongodbUri" | "kafkaBrokers">;
  keys: PlatformKeys;
  origin: string;
  databasePrefix: string;
  kafkaPrefix: string;
  smtpUrl: string;
  processes: readonly PlannedProcess[];
  /** Further variables; they win. */
  extra: NodeJS.ProcessEnv;
}

/** Everything that a service reads at its start. What is here is what the manifests of a cluster set, too. */
export function environmentOf(planned: PlannedProcess, platform: PlatformEnvironment): NodeJS.ProcessEnv {
  const { processes } = platform;
  const identity = processesOf(processes, "identity");
  const identityHttp = identity[planned.replica % Math.max(1, identity.length)]?.httpPort;
  return {
    ...process.env,
    PARTAKE_ENVIRONMENT: "development",
    PARTAKE_ORIGIN: platform.origin,
    MONGODB_URI: platform.infrastructure.mongodbUri,
    MONGODB_DATABASE_PREFIX: platform.databasePrefix,
    KAFKA_BROKERS: platform.infrastructure.kafkaBrokers,
    KAFKA_PREFIX: platform.kafkaPrefix,
    RPC_PORT: String(planned.rpcPort),
    ADMIN_PORT: String(planned.adminPort),
    ...(planned.httpPort === undefined ? {} : { HTTP_PORT: String(planned.httpPort) }),
    ...addresses(processes),
    ...(identityHttp === undefined ? {} : { IDENTITY_HTTP_URL: `http://127.0.0.1:${identityHttp}` }),
    SERVICE_KEY_FILE: platform.keys.keyFile(planned.service),
    SERVICE_KEYS_FILE: platform.keys.publicKeysFile,
    ENCRYPTION_KEYS: platform.keys.encryptionKeys,
    SMTP_URL: platform.smtpUrl,
    MAIL_FROM: process.env["MAIL_FROM"] ?? "Partake <no-reply@partake.example>",
    PLATFORM_OPERATORS: operators().platform,
    BILLING_OPERATORS: operators().billing,
    FILE_STORE: process.env["FILE_STORE"] ?? "gridfs",
    LOG_LEVEL: process.env["LOG_LEVEL"] ?? "info",
    ...platform.extra,
  };
}

/** Who may create organisations and who may confirm orders of credits: comma lists of e-mail addresses. */
export function operators(environment: NodeJS.ProcessEnv = process.env): { platform: string; billing: string } {
  return {
    platform: environment["PLATFORM_OPERATORS"] || "operator@partake.example",
    billing: environment["BILLING_OPERATORS"] || "billing@partake.example",
  };
}

export function mainFile(service: ServiceName): string {
  return join(checkoutFolder, "services", service, "src", "main.ts");
}

export function requireServices(
  services: readonly ServiceName[],
  programOf: (service: ServiceName) => string = mainFile,
): void {
  const missing = services.filter((service) => !existsSync(programOf(service)));
  if (missing.length === 0) return;
  throw new SetupError({
    message: `This checkout has no ${missing.join(", ")} service.`,
    remedy: "Check the checkout out again: services/<name>/src/main.ts starts a service.",
  });
}

/** All replicas in one gRPC target: the client balances between them and goes on when one is away. */
function addresses(processes: readonly PlannedProcess[]): Record<string, string> {
  const named = serviceNames
    .filter((service) => service !== "gateway")
    .map((service) => {
      const hosts = processesOf(processes, service).map((planned) => `127.0.0.1:${planned.rpcPort}`);
      return [`${service.toUpperCase()}_ADDRESS`, `ipv4:${hosts.join(",")}`] as const;
    });
  return Object.fromEntries(named.filter(([, target]) => target !== "ipv4:"));
}

export function processesOf<P extends { service: ServiceName }>(processes: readonly P[], service: ServiceName): P[] {
  return processes.filter((planned) => planned.service === service);
}

function fixedPorts(
  pair: { service: ServiceName; replica: number },
  ports: { gatewayPort: number; servicesPort: number },
): PlannedProcess {
  const rpcPort = ports.servicesPort + serviceNames.indexOf(pair.service) + pair.replica * portsPerReplica;
  const http = pair.service === "gateway" ? ports.gatewayPort + pair.replica : rpcPort + httpOffset;
  return { ...pair, rpcPort, adminPort: rpcPort + adminOffset, httpPort: hasHttp(pair.service) ? http : undefined };
}

function hasHttp(service: ServiceName): boolean {
  return service === "gateway" || service === "identity";
}
