import type { ServiceName } from "@partake/contract";
import {
  addressRanges,
  brokers,
  choice,
  keys,
  list,
  origin,
  port,
  prefix,
  type Read,
  text,
  url,
} from "./variable-readers.ts";

/** One environment variable: everything that anybody needs to know of it. */
export interface ConfigurationVariable<T = unknown, P extends string = string> {
  name: string;
  /** Its name in `Config`. */
  property: P;
  /** What it holds, in words, for the reference. */
  type: string;
  read: Read<T>;
  /** Absent: it must be set, for the services that use it. */
  fallback?: T;
  /** The fallback is only for development: in production it must be set. */
  requiredInProduction?: boolean;
  /** Never to be shown. */
  secret?: boolean;
  /** Read by these only. Absent: by all. */
  usedBy?: readonly ServiceName[];
  doc: string;
}

/** A variable that holds T, and may be absent as U. */
function variable<T, const P extends string>(declared: ConfigurationVariable<T, P>): ConfigurationVariable<T, P> {
  return declared;
}

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

/** Every environment variable of the services: the one list. Manifests and the reference are checked against it. */
export const declaredVariables = [
  variable({
    name: "PARTAKE_ENVIRONMENT",
    property: "environment",
    type: "development or production",
    read: choice("development", "production"),
    fallback: "production",
    doc: "Development adds what a production system must not have: readable defaults, reflection on request.",
  }),
  variable({
    name: "PARTAKE_ORIGIN",
    property: "origin",
    type: "origin",
    read: origin,
    fallback: "http://localhost:8080",
    requiredInProduction: true,
    doc: "The public origin of the gateway: the issuer and audience of every token.",
  }),
  variable({
    name: "MONGODB_URI",
    property: "mongodbUri",
    type: "URI without a database",
    read: url("mongodb", "mongodb+srv"),
    secret: true,
    doc: "The replica set that holds every service's database.",
  }),
  variable({
    name: "MONGODB_DATABASE_PREFIX",
    property: "mongodbDatabasePrefix",
    type: "text",
    read: prefix,
    fallback: "partake",
    doc: "A service's database is this, a low line and the service's name.",
  }),
  variable({
    name: "KAFKA_BROKERS",
    property: "kafkaBrokers",
    type: "host:port, with commas between",
    read: brokers,
    doc: "Some brokers of the Kafka cluster.",
  }),
  variable({
    name: "KAFKA_PREFIX",
    property: "kafkaPrefix",
    type: "text",
    read: prefix,
    fallback: "",
    doc: "Stands before the names of topics and groups.",
  }),
  variable({
    name: "RPC_PORT",
    property: "rpcPort",
    type: "port",
    read: port,
    fallback: 7000,
    doc: "Where the service answers RPCs.",
  }),
  variable({
    name: "HTTP_PORT",
    property: "httpPort",
    type: "port",
    read: port,
    fallback: 8080,
    usedBy: ["gateway", "identity"],
    doc: "Where the gateway, and identity's OpenID Provider, answer HTTP.",
  }),
  variable({
    name: "ADMIN_PORT",
    property: "adminPort",
    type: "port",
    read: port,
    fallback: 9000,
    doc: "Where /livez, /readyz and /metrics are.",
  }),
  variable({
    name: "RPC_REFLECTION",
    property: "rpcReflection",
    type: "on or off",
    read: choice("on", "off"),
    fallback: "off",
    doc: "Lets anybody list the RPCs (grpcurl); in development only, and at a cost of half a second at each start.",
  }),
  variable({
    name: "IDENTITY_HTTP_URL",
    property: "identityHttpUrl",
    type: "URL",
    read: url("http", "https"),
    fallback: "http://localhost:8081",
    requiredInProduction: true,
    doc: "The OpenID Provider within the platform: the keys of tokens are read from it, and the gateway publishes it.",
  }),
  variable({
    name: "SERVICE_KEY_FILE",
    property: "serviceKeyFile",
    type: "path",
    read: text,
    doc: "The service's own private Ed25519 key, PKCS8 PEM.",
  }),
  variable({
    name: "SERVICE_KEYS_FILE",
    property: "serviceKeysFile",
    type: "path",
    read: text,
    doc: "The public keys of all services, JWKS; kid = service name.",
  }),
  variable({
    name: "ENCRYPTION_KEYS",
    property: "encryptionKeys",
    type: "base64 of 32 bytes, with commas between",
    read: keys,
    secret: true,
    doc: "The first encrypts, all decrypt.",
  }),
  variable({
    name: "SMTP_URL",
    property: "smtpUrl",
    type: "URL",
    read: url("smtp", "smtps"),
    secret: true,
    usedBy: ["messaging"],
    doc: "The mail server.",
  }),
  variable({
    name: "MAIL_FROM",
    property: "mailFrom",
    type: "text",
    read: text,
    fallback: "Partake <no-reply@localhost>",
    requiredInProduction: true,
    usedBy: ["messaging"],
    doc: "Who sends the mail.",
  }),
  variable({
    name: "PLATFORM_OPERATORS",
    property: "platformOperators",
    type: "e-mail addresses, with commas between",
    read: list,
    fallback: [],
    usedBy: ["identity"],
    doc: "Who may create organisations.",
  }),
  variable({
    name: "BILLING_OPERATORS",
    property: "billingOperators",
    type: "e-mail addresses, with commas between",
    read: list,
    fallback: [],
    usedBy: ["identity"],
    doc: "Who may confirm orders of credits.",
  }),
  variable({
    name: "TRUSTED_PROXIES",
    property: "trustedProxies",
    type: "IP addresses or ranges, with commas between",
    read: addressRanges,
    fallback: [],
    usedBy: ["gateway"],
    doc: "The proxies in front of the gateway: only what they say in X-Forwarded-For counts.",
  }),
  variable({
    name: "FILE_STORE",
    property: "fileStore",
    type: "gridfs or s3",
    read: choice("gridfs", "s3"),
    fallback: "gridfs",
    usedBy: ["gateway"],
    doc: "Where the bytes of files are.",
  }),
  variable({
    name: "S3_ENDPOINT",
    property: "s3Endpoint",
    type: "URL",
    read: url("http", "https"),
    fallback: "",
    usedBy: ["gateway"],
    doc: "Of an S3 store that is not Amazon's.",
  }),
  variable({
    name: "S3_REGION",
    property: "s3Region",
    type: "text",
    read: text,
    fallback: "us-east-1",
    usedBy: ["gateway"],
    doc: "Of the S3 store.",
  }),
  variable({
    name: "S3_BUCKET",
    property: "s3Bucket",
    type: "text",
    read: text,
    fallback: "",
    usedBy: ["gateway"],
    doc: "Of the S3 store.",
  }),
  variable({
    name: "AWS_ACCESS_KEY_ID",
    property: "awsAccessKeyId",
    type: "text",
    read: text,
    fallback: "",
    secret: true,
    usedBy: ["gateway"],
    doc: "Of the S3 store, where no role of the machine gives it.",
  }),
  variable({
    name: "AWS_SECRET_ACCESS_KEY",
    property: "awsSecretAccessKey",
    type: "text",
    read: text,
    fallback: "",
    secret: true,
    usedBy: ["gateway"],
    doc: "Of the S3 store, where no role of the machine gives it.",
  }),
  variable({
    name: "LOG_LEVEL",
    property: "logLevel",
    type: "level",
    read: choice("debug", "info", "warn", "error", "silent"),
    fallback: "info",
    doc: "The least level that is logged.",
  }),
  variable({
    name: "OTEL_EXPORTER_OTLP_ENDPOINT",
    property: "otlpEndpoint",
    type: "URL",
    read: url("http", "https"),
    fallback: "",
    doc: "Where traces go; without it the telemetry SDK is not even loaded.",
  }),
] as const;

const others = (name: ServiceName): readonly ServiceName[] =>
  (["gateway", "identity", "projects", "contacts", "progress", "messaging", "billing"] as const).filter(
    (service) => service !== name,
  );

export const addressedServices = ["identity", "projects", "contacts", "progress", "messaging", "billing"] as const;

export const addressVariables = addressedServices.map((service) => address(service, others(service)));

/** Every environment variable, for the checks of manifests and for the reference. */
export const configurationVariables: readonly ConfigurationVariable[] = [...declaredVariables, ...addressVariables];
