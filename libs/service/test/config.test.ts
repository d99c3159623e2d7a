import { configurationVariables, readConfig } from "@partake/service";
import { describe, expect, test } from "vitest";

const key = Buffer.alloc(32, 1).toString("base64");
const needed = {
  PARTAKE_ENVIRONMENT: "development",
  MONGODB_URI: "mongodb://127.0.0.1:27017",
  KAFKA_BROKERS: "127.0.0.1:9092",
  SERVICE_KEY_FILE: "/keys/own.pem",
  SERVICE_KEYS_FILE: "/keys/all.json",
  ENCRYPTION_KEYS: key,
};
const production = {
  ...needed,
  PARTAKE_ENVIRONMENT: "production",
  PARTAKE_ORIGIN: "https://partake.example.org",
  IDENTITY_HTTP_URL: "http://identity-http:8080",
  DRAIN_GRACE_SECONDS: "5",
  ...Object.fromEntries(
    ["PROJECTS", "CONTACTS", "PROGRESS", "MESSAGING", "BILLING"].map((name) => [`${name}_ADDRESS`, "dns:///x:7000"]),
  ),
};

describe("configuration", () => {
  test("has fallbacks in development", () => {
    expect(readConfig(needed, "projects")).toMatchObject({
      environment: "development",
      origin: "http://localhost:8080",
      mongodbDatabasePrefix: "partake",
      kafkaBrokers: ["127.0.0.1:9092"],
      rpcPort: 7000,
      adminPort: 9000,
      encryptionKeys: [key],
      logLevel: "info",
      addresses: { identity: "", projects: "" },
    });
  });

  test("has none for what matters in production", () => {
    expect(() => readConfig({ ...production, PARTAKE_ORIGIN: undefined }, "identity")).toThrow(
      "PARTAKE_ORIGIN is not set",
    );
    expect(() => readConfig({ ...production, CONTACTS_ADDRESS: undefined }, "identity")).toThrow(
      "CONTACTS_ADDRESS is not set",
    );
    expect(readConfig(production, "identity").addresses.contacts).toBe("dns:///x:7000");
  });

  test("is production where nobody says otherwise", () => {
    expect(() => readConfig({ ...needed, PARTAKE_ENVIRONMENT: undefined }, "projects")).toThrow(
      "PARTAKE_ORIGIN is not set",
    );
  });

  test.each([
    ["PARTAKE_ENVIRONMENT", "staging", "expected one of development, production"],
    ["PARTAKE_ORIGIN", "http://localhost:8080/", "expected an origin"],
    ["PARTAKE_ORIGIN", "https://Partake.example.org", "expected an origin"],
    ["PARTAKE_ORIGIN", "localhost:8080", "expected an origin"],
    ["MONGODB_URI", "http://127.0.0.1", "mongodb://"],
    ["KAFKA_BROKERS", "127.0.0.1", "expected host:port"],
    ["KAFKA_BROKERS", ",", "expected host:port"],
    ["KAFKA_PREFIX", "a b", "expected at most 60"],
    ["RPC_PORT", "7e3", "expected a port"],
    ["RPC_PORT", "70000", "expected a port"],
    ["ADMIN_PORT", "-1", "expected a port"],
    ["DRAIN_GRACE_SECONDS", "61", "expected whole seconds"],
    ["DRAIN_GRACE_SECONDS", "5s", "expected whole seconds"],
    ["ENCRYPTION_KEYS", "c2hvcnQ=", "expected base64 of 32 bytes"],
    ["ENCRYPTION_KEYS", `${key},x`, "expected base64 of 32 bytes"],
    ["IDENTITY_HTTP_URL", "ftp://x", "expected a URL"],
    ["LOG_LEVEL", "verbose", "expected one of"],
  ])("%s=%s is refused by its name, and not repeated", (name, value, message) => {
    const read = () => readConfig({ ...needed, [name]: value }, "projects");
    expect(read).toThrow(`${name}: ${message === "mongodb://" ? "expected a URL" : message}`);
    if (value.length > 5) expect(read).not.toThrow(value);
  });

  test("tells everything that is wrong at once", () => {
    const read = () => readConfig({ ...needed, RPC_PORT: "x", ADMIN_PORT: "y", MONGODB_URI: "" }, "projects");
    expect(read).toThrow(/MONGODB_URI.*RPC_PORT.*ADMIN_PORT/s);
    expect(read).toThrow("MONGODB_URI is not set");
  });

  test("asks a service only for what it uses", () => {
    expect(() => readConfig(needed, "projects")).not.toThrow();
    expect(() => readConfig(needed, "messaging")).toThrow("SMTP_URL is not set");
    expect(
      readConfig({ ...needed, PLATFORM_OPERATORS: "a@example.org, b@example.org," }, "identity").platformOperators,
    ).toHaveLength(2);
  });

  test.each(["app:/callback", "org.partake.app://callback", "javascript:alert(1)", "http://app.example/callback"])(
    "[X5] leads no app back by %s, which is nobody's own",
    (uri) => {
      const read = () => readConfig({ ...needed, MOBILE_REDIRECTS: uri }, "identity");
      expect(read).toThrow("MOBILE_REDIRECTS: expected addresses such as org.example.app:/callback");
    },
  );

  test("is one list: every variable once, told in words", () => {
    const names = configurationVariables.map(({ name }) => name);
    expect(new Set(names).size).toBe(names.length);
    for (const { name, type, doc } of configurationVariables) {
      expect(name).toMatch(/^[A-Z][A-Z0-9_]+$/);
      expect(`${type} ${doc}`).toMatch(/\w.*\.$/);
    }
  });
});
