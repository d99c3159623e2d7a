import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { SetupError } from "./terminal/setup-error.ts";

/** The root of the checkout. */
export const checkoutFolder = fileURLToPath(new URL("../..", import.meta.url));

/** What a developer may change about the local platform; everything has a value that works. */
export interface LocalSettings {
  /** Data of `npm start`: databases, logs, keys. Git ignores it. */
  dataFolder: string;
  mongodbPort: number;
  kafkaPort: number;
  gatewayPort: number;
  mailboxPort: number;
  smtpPort: number;
  /** The first port of the services' RPCs; health and metrics are 100 higher, identity's pages 200. */
  servicesPort: number;
}

export const portVariables = {
  mongodbPort: { variable: "PARTAKE_MONGODB_PORT", port: 27117, user: "MongoDB" },
  kafkaPort: { variable: "PARTAKE_KAFKA_PORT", port: 9192, user: "Kafka" },
  gatewayPort: { variable: "PARTAKE_GATEWAY_PORT", port: 8080, user: "the gateway" },
  mailboxPort: { variable: "PARTAKE_MAILBOX_PORT", port: 8025, user: "the mailbox page" },
  smtpPort: { variable: "PARTAKE_SMTP_PORT", port: 2525, user: "the local mail server" },
  servicesPort: { variable: "PARTAKE_SERVICES_PORT", port: 7021, user: "the first service" },
} as const;

export function readSettings(environment: NodeJS.ProcessEnv = process.env): LocalSettings {
  const port = (name: keyof typeof portVariables) => readPort(environment, portVariables[name]);
  return {
    dataFolder: environment["PARTAKE_DATA"] || join(checkoutFolder, ".partake"),
    mongodbPort: port("mongodbPort"),
    kafkaPort: port("kafkaPort"),
    gatewayPort: port("gatewayPort"),
    mailboxPort: port("mailboxPort"),
    smtpPort: port("smtpPort"),
    servicesPort: port("servicesPort"),
  };
}

function readPort(environment: NodeJS.ProcessEnv, setting: { variable: string; port: number }): number {
  const text = environment[setting.variable];
  if (text === undefined || text === "") return setting.port;
  const port = Number(text);
  if (Number.isInteger(port) && port >= 1024 && port <= 65_000) return port;
  throw new SetupError({
    message: `${setting.variable} is "${text}", which is no port.`,
    remedy: `Set it to a whole number from 1024 to 65000, or leave it out for ${setting.port}.`,
  });
}
