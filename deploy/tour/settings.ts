/** Where the platform is that the tour visits. The defaults are those of `npm start`. */
export interface TourSettings {
  origin: string;
  mailboxUrl: string;
  kafkaBrokers: string;
  kafkaPrefix: string;
  operatorEmail: string;
  billingEmail: string;
  /** How long to wait for the platform to be there. */
  patienceMs: number;
}

export function tourSettings(environment: NodeJS.ProcessEnv = process.env): TourSettings {
  return {
    origin: environment["PARTAKE_ORIGIN"] || `http://localhost:${environment["PARTAKE_GATEWAY_PORT"] || 8080}`,
    mailboxUrl: environment["PARTAKE_MAILBOX"] || `http://localhost:${environment["PARTAKE_MAILBOX_PORT"] || 8025}`,
    kafkaBrokers: environment["KAFKA_BROKERS"] || `127.0.0.1:${environment["PARTAKE_KAFKA_PORT"] || 9192}`,
    kafkaPrefix: environment["KAFKA_PREFIX"] ?? "",
    operatorEmail: firstOf(environment["PLATFORM_OPERATORS"]) ?? "operator@partake.example",
    billingEmail: firstOf(environment["BILLING_OPERATORS"]) ?? "billing@partake.example",
    patienceMs: 120_000,
  };
}

function firstOf(list: string | undefined): string | undefined {
  return list?.split(",")[0]?.trim() || undefined;
}
