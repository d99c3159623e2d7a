import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { newId, readMail, visit } from "@partake/testing";
import { afterAll, beforeAll, expect, inject, test } from "vitest";
import { type Mailbox, startMailbox } from "../local/mailbox/mailbox.ts";
import { type Platform, startPlatform } from "../local/platform/platform.ts";
import { checkoutFolder } from "../local/settings.ts";
import { silentReporter } from "../local/terminal/reporter.ts";
import { commandsOf } from "./guides/blocks.ts";

const guide = readFileSync(join(checkoutFolder, "docs/guides/get-a-token.md"), "utf8");
const services = ["identity", "projects", "messaging", "gateway"] as const;
const nowhere = "127.0.0.1:1";
const environment = { CONTACTS_ADDRESS: nowhere, PROGRESS_ADDRESS: nowhere, BILLING_ADDRESS: nowhere };
const admin = "asha@riverside.example";

let folder: string;
let mailbox: Mailbox;
let platform: Platform;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "partake-tokens-"));
  mailbox = await startMailbox({ httpPort: 0, smtpPort: 0 });
  platform = await startPlatform({
    infrastructure: { mongodbUri: inject("mongodbUri"), kafkaBrokers: inject("kafkaBrokers") },
    folder,
    smtpUrl: mailbox.smtpUrl,
    reporter: silentReporter,
    databasePrefix: `${inject("databasePrefix")}_tokens`,
    kafkaPrefix: `${inject("kafkaPrefix")}tokens-`,
    services,
    environment,
  });
  const operator = (await person("operator@partake.example")).at("platform").identity;
  const organisationId = newId("org");
  const of = { name: "Riverside", preset: "charity", timeZone: "Europe/London", language: "en" } as const;
  await operator.createOrganisation({ id: organisationId, ...of });
  await operator.inviteFirstAdmin({ organisationId, id: newId("inv"), email: admin });
  const visitor = await person(admin);
  const pattern = /\/invitations#([A-Za-z0-9_-]{43})/;
  const token = await readMail({ mailboxUrl: mailbox.url, to: admin, pattern });
  await visitor.at("account").identity.acceptInvitation({ token });
}, 240_000);

afterAll(async () => {
  await platform?.stop();
  await mailbox?.stop();
  await rm(folder, { recursive: true, force: true });
});

function person(email: string) {
  return visit({ origin: platform.origin, mailboxUrl: mailbox.url, email });
}

test("[R22] the guide's script gets tokens as a person, and as a system with a secret and with a key", async () => {
  const output = await bash(commandsOf(guide).join("\n"));
  expect(output).toBe("Riverside\n".repeat(3));
}, 120_000);

/** What a script says; one that fails is an error with what it said. */
function bash(script: string): Promise<string> {
  const env = { ...process.env, ORIGIN: platform.origin, MAILBOX: mailbox.url, EMAIL: admin };
  const { promise, resolve, reject } = Promise.withResolvers<string>();
  execFile("bash", ["-c", script], { env, timeout: 100_000 }, (error, stdout, stderr) => {
    if (error === null) resolve(stdout);
    else reject(new Error(`${stdout}\n${stderr}`, { cause: error }));
  });
  return promise;
}
