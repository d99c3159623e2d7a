import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type Caller, type IdentityWorld, outcome, type Person, startIdentityWorld } from "./identity-world.ts";
import { authorizationUrl, Browser, pkce } from "./login-world.ts";
import { SoftwareAuthenticator, type Tampering } from "./software-authenticator.ts";

let world: IdentityWorld;

beforeAll(async () => {
  world = await startIdentityWorld();
}, 120_000);
afterAll(() => world?.stop());

const soon = { timeout: 15_000, interval: 50 };
const another = () => new SoftwareAuthenticator({ origin: world.origin });

interface Holder {
  person: Person;
  mine: Caller;
}

async function somebody(name: string): Promise<Holder> {
  const person = await world.person(`${name}@example.org`);
  return { person, mine: await world.as(person) };
}

async function add(
  mine: Caller,
  device = another(),
  more: { tampering?: Tampering; id?: string; label?: string } = {},
) {
  const { tampering, id = world.newId("psk"), label = "" } = more;
  const answer = device.create(await mine.beginPasskey({}), tampering);
  return mine.addPasskey({ id, label, ...answer });
}

/** How a log-in with a passkey ends: with a code, or with what the page says. */
async function logInWith(device: SoftwareAuthenticator, tampering: Tampering = {}): Promise<"in" | number> {
  const browser = new Browser();
  const page = await browser.open(authorizationUrl(world.place, { challenge: pkce().challenge }));
  const options = JSON.parse((await browser.open(`${page.url}/passkey`)).text);
  const end = await browser.submit(page, device.get(options, tampering), `${page.url}/passkey`);
  return /[?&]code=/.test(end.url) ? "in" : end.status;
}

describe("[R24] one's passkeys", () => {
  test("are added, listed, renamed, used to log in, and removed", async () => {
    const { person, mine } = await somebody("ada");
    const creation = await mine.beginPasskey({});
    expect(creation).toMatchObject({
      rp: { id: "localhost", name: "Partake" },
      user: { name: "ada@example.org", id: Buffer.from(person.userId).toString("base64url") },
      authenticatorSelection: { residentKey: "required", requireResidentKey: true, userVerification: "required" },
      attestation: "none",
      excludeCredentials: [],
    });
    const device = another();
    const id = world.newId("psk");
    const added = await mine.addPasskey({ id, label: "My key", ...device.create(creation) });
    expect(added).toMatchObject({ id, label: "My key", device: "single", backedUp: false, version: 1 });
    expect(added.lastUsedAt).toBeUndefined();
    expect(await logInWith(device)).toBe("in");
    const synced = await add(mine, new SoftwareAuthenticator({ origin: world.origin, isSynced: true }));
    expect(synced).toMatchObject({ label: "Passkey", device: "multi", backedUp: true });
    const { items } = await mine.listPasskeys({});
    expect(items.map((item) => item.id)).toEqual([synced.id, id]);
    expect(items[1]?.lastUsedAt).toBeDefined();
    const renamed = await mine.renamePasskey(
      { passkeyId: id, label: "The blue one" },
      { ifMatch: items[1]?.version ?? 0 },
    );
    expect(renamed.label).toBe("The blue one");
    await mine.removePasskey({ passkeyId: id }, { ifMatch: renamed.version });
    expect((await mine.listPasskeys({})).items.map((item) => item.id)).toEqual([synced.id]);
    expect(await logInWith(device)).toBe(400);
  });

  test("are told to their person's address, and audited", async () => {
    const { person, mine } = await somebody("bob");
    const { id } = await add(mine, another(), { label: "MARKED label" });
    await mine.removePasskey({ passkeyId: id }, { ifMatch: 1 });
    const told = () => world.mails.filter(({ to }) => to === person.email);
    const kinds = () => told().flatMap(({ template }) => (template.startsWith("passkey") ? [template] : []));
    await expect.poll(kinds, soon).toEqual(["passkey_added", "passkey_removed"]);
    expect(told().at(-1)?.values).toEqual({ link: `${world.origin}/account/passkeys` });
    expect(JSON.stringify(told())).not.toContain("MARKED");
    const entries = () => world.database.collection("audit_entries").find({ scope: id }).toArray();
    await expect
      .poll(async () => (await entries()).map(({ action }) => action), soon)
      .toEqual(["passkey.added", "passkey.removed"]);
    expect(await entries()).toMatchObject([{ actorId: person.userId, subjectId: person.userId }, {}]);
  });

  test("[R20] that were refused stand in the trail of the team that their person is in", async () => {
    const { id: organisationId, admin } = await world.organisation("Passkeys");
    const joined = { organisationId, admin, email: "team@example.org", role: "member" };
    const { userId } = await world.colleague(joined);
    const { mine } = await somebody("team");
    const device = another();
    await add(mine, device);
    expect(await logInWith(device, { counter: 5 })).toBe("in");
    for (const tampering of [{ isVerified: false }, { counter: 4 }])
      expect(await logInWith(device, tampering)).toBe(400);
    const lines = async () => {
      const about = { subjectId: userId, action: "log_in.refused" };
      const found = await world.database.collection("audit_entries").find(about).sort({ cause: 1 }).toArray();
      return found.map((line) => [line["organisationId"], line["actorId"], line["cause"]]);
    };
    const line = (cause: string) => [organisationId, "anonymous", cause];
    await expect.poll(lines, soon).toEqual([line("passkey_copied"), line("passkey_refused")]);
  });

  test("wait for messaging with what they tell, and tell it once", async () => {
    const { person, mine } = await somebody("wait");
    world.elsewhere.messagingIsAway = true;
    await add(mine);
    const notices = () => world.database.collection("security_notices").countDocuments({ to: person.email });
    expect(await notices()).toBe(1);
    world.elsewhere.messagingIsAway = false;
    await expect.poll(notices, soon).toBe(0);
    expect(world.mails.filter(({ to, template }) => to === person.email && template === "passkey_added")).toHaveLength(
      1,
    );
  });

  test("of others look like none", async () => {
    const [{ mine }, { mine: theirs }] = [await somebody("cat"), await somebody("dan")];
    const { id: passkeyId } = await add(mine);
    for (const id of [passkeyId, world.newId("psk")]) {
      expect(await outcome(theirs.renamePasskey({ passkeyId: id, label: "Mine" }, { ifMatch: 1 }))).toBe(
        "not_found not_found",
      );
      expect(await outcome(theirs.removePasskey({ passkeyId: id }, { ifMatch: 1 }))).toBe("not_found not_found");
    }
    expect((await theirs.listPasskeys({})).items).toEqual([]);
    expect((await mine.listPasskeys({})).items).toHaveLength(1);
  });

  test("are added once, whenever the same request comes again", async () => {
    const { mine } = await somebody("eve");
    const device = another();
    const request = { id: world.newId("psk"), label: "Once", ...device.create(await mine.beginPasskey({})) };
    const key = { idempotencyKey: randomBytes(8).toString("hex") };
    const answers = await Promise.all([1, 2, 3].map(() => mine.addPasskey(request, key)));
    answers.push(await mine.addPasskey(request, key));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(1);
    expect((await mine.listPasskeys({})).items).toHaveLength(1);
    expect(await outcome(mine.addPasskey(request))).toBe("conflict id_taken");
    expect(await outcome(mine.addPasskey({ ...request, id: world.newId("psk") }))).toBe("gone challenge_ended");
    expect((await mine.listPasskeys({})).items).toHaveLength(1);
  });

  test("are at most twenty, and a device makes no second one", async () => {
    const { person, mine } = await somebody("many");
    const device = another();
    const { id, credentialId } = { id: (await add(mine, device)).id, credentialId: device.keys[0]?.credentialId };
    const creation = await mine.beginPasskey({});
    expect(creation.excludeCredentials).toEqual([{ type: "public-key", id: credentialId, transports: ["usb"] }]);
    const stored = world.database.collection("passkeys");
    const one = await stored.findOne({ _id: id as never });
    const copies = Array.from({ length: 19 }, (_, n) => ({
      ...one,
      _id: `${id}${n}`,
      credentialId: `copy${n}${person.userId}`,
    }));
    await stored.insertMany(copies as never);
    expect(await outcome(mine.beginPasskey({}))).toBe("unprocessable too_many_passkeys");
    const late = { id: world.newId("psk"), label: "", ...another().create(creation) };
    expect(await outcome(mine.addPasskey(late))).toBe("unprocessable too_many_passkeys");
    await stored.deleteOne({ _id: `${id}0` as never });
    expect(await outcome(mine.addPasskey(late))).toBe("ok");
  });
});

describe("[R24] no passkey is added", () => {
  test.each<[string, Tampering]>([
    ["at another origin", { origin: "https://elsewhere.example" }],
    ["for another place", { rpId: "elsewhere.example" }],
    ["without its person's gesture", { isVerified: false }],
    ["without anybody there", { isPresent: false }],
    ["by the proof of a log-in", { type: "webauthn.get" }],
    ["for a challenge that nobody made", { challenge: Buffer.alloc(54, 7).toString("base64url") }],
    ["under another name than its own", { credentialId: Buffer.alloc(32, 3).toString("base64url") }],
  ])("%s", async (name, tampering) => {
    const { mine } = await somebody(`no-${name.replaceAll(/\W/g, "")}`);
    expect(await outcome(add(mine, another(), { tampering }))).toBe("unprocessable passkey_refused");
    expect((await mine.listPasskeys({})).items).toEqual([]);
  });

  test("by another person's challenge, or one of a log-in", async () => {
    const [{ mine }, { mine: theirs }] = [await somebody("fay"), await somebody("gus")];
    const stolen = another().create(await mine.beginPasskey({}));
    const id = world.newId("psk");
    expect(await outcome(theirs.addPasskey({ id, label: "", ...stolen }))).toBe("unprocessable passkey_refused");
    const browser = new Browser();
    const page = await browser.open(authorizationUrl(world.place, { challenge: pkce().challenge }));
    const { challenge } = JSON.parse((await browser.open(`${page.url}/passkey`)).text) as { challenge: string };
    const tampering = { challenge };
    expect(await outcome(add(theirs, another(), { tampering }))).toBe("unprocessable passkey_refused");
    expect(await outcome(mine.addPasskey({ id, label: "", ...stolen }))).toBe("ok");
  });

  test("that somebody has already", async () => {
    const [{ mine }, { mine: theirs }] = [await somebody("hal"), await somebody("ivy")];
    const device = another();
    await add(mine, device);
    const [key] = device.keys;
    const copy = another();
    const answer = copy.create(await theirs.beginPasskey({}));
    await world.database.collection("passkeys").updateOne(
      { credentialId: key?.credentialId ?? "" },
      {
        $set: { credentialId: answer.credentialId },
      },
    );
    const id = world.newId("psk");
    expect(await outcome(theirs.addPasskey({ id, label: "", ...answer }))).toBe("conflict passkey_known");
  });

  test("by an old proof of identity, nor is one removed", async () => {
    const { person, mine } = await somebody("stale");
    const { id: passkeyId, version: ifMatch } = await add(mine);
    await changeLogIn(person, ({ authTime, ...rest }) => ({ ...rest, authTime: Number(authTime) - 3_700 }));
    const stale = await world.as(person);
    const insufficient = "unauthenticated insufficient_user_authentication";
    expect(await outcome(stale.beginPasskey({}))).toBe(insufficient);
    expect(await outcome(add(stale))).toBe(insufficient);
    expect(await outcome(stale.removePasskey({ passkeyId }, { ifMatch }))).toBe(insufficient);
    expect(await outcome(stale.listPasskeys({}))).toBe("ok");
    expect(await outcome(stale.renamePasskey({ passkeyId, label: "Old" }, { ifMatch }))).toBe("ok");
  });
});

/** Makes the log-in of a person another one, as the next token tells it. */
async function changeLogIn(person: Person, change: (payload: Record<string, unknown>) => object): Promise<void> {
  const records = world.database.collection("oidc_records");
  const live = { model: "RefreshToken", payload: { $regex: person.userId }, consumed: { $exists: false } };
  for (const record of await records.find(live).toArray()) {
    const payload = JSON.stringify(change(JSON.parse(String(record["payload"]))));
    await records.updateOne({ _id: record._id }, { $set: { payload } });
  }
}

describe("[R24] an organisation's own provider opens no other way into the account", () => {
  test.each([
    ["its word alone", ["fed"]],
    ["its word and a code", ["fed", "otp"]],
  ])("by %s", async (_, amr) => {
    const { person, mine } = await somebody(`fed${amr.length}`);
    const { id: passkeyId } = await add(mine);
    await changeLogIn(person, (payload) => ({ ...payload, amr, acr: `urn:partake:federated:${world.newId("org")}` }));
    const vouched = await world.as(person);
    const refused = "forbidden outside_log_in";
    const id = world.newId("psk");
    const answer = another().create(await mine.beginPasskey({}));
    expect(await outcome(vouched.beginPasskey({}))).toBe(refused);
    expect(await outcome(vouched.addPasskey({ id, label: "", ...answer }))).toBe(refused);
    expect(await outcome(vouched.removePasskey({ passkeyId }, { ifMatch: 1 }))).toBe(refused);
    expect(await outcome(vouched.changeEmail({ email: "thief@example.org" }))).toBe(refused);
    expect(await outcome(vouched.closeAccount({ email: person.email }))).toBe(refused);
    expect((await vouched.listPasskeys({})).items).toHaveLength(1);
  });
});

describe("[R24] nobody is locked out", () => {
  test("without an address the last passkey stays, also when two are removed at once", async () => {
    const { person, mine } = await somebody("paper");
    const held = [await add(mine), await add(mine)];
    await world.database.collection("users").updateOne({ _id: person.userId as never }, { $unset: { email: "" } });
    const removals = held.map(({ id: passkeyId }) => outcome(mine.removePasskey({ passkeyId }, { ifMatch: 1 })));
    const outcomes = await Promise.all(removals);
    expect(outcomes.filter((one) => one === "ok")).toHaveLength(1);
    const [last] = (await mine.listPasskeys({})).items;
    const removal = mine.removePasskey({ passkeyId: last?.id ?? "" }, { ifMatch: last?.version ?? 0 });
    expect(await outcome(removal)).toBe("unprocessable last_passkey");
    expect((await mine.listPasskeys({})).items).toHaveLength(1);
  });

  test("with an address the last one goes", async () => {
    const { mine } = await somebody("jo");
    const { id: passkeyId } = await add(mine);
    expect(await outcome(mine.removePasskey({ passkeyId }, { ifMatch: 1 }))).toBe("ok");
  });

  test("a closed account has none left, and its device logs nobody in", async () => {
    const { person, mine } = await somebody("kim");
    const device = another();
    await add(mine, device);
    await mine.closeAccount({ email: person.email });
    expect(await world.database.collection("passkeys").countDocuments({ userId: person.userId })).toBe(0);
    expect(await logInWith(device)).toBe(400);
  });
});
