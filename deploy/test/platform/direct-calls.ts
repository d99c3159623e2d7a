import { generateKeyPairSync, sign } from "node:crypto";
import { Client, credentials, Metadata, type ServiceError, status } from "@grpc/grpc-js";
import { codec, operations } from "@partake/contract";
import { type TestPlatformFacts, testPlatform } from "@partake/testing";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Every RPC of every service, called at its own port, past the gateway. */
describe("[R19] a direct call without a valid token is refused by every RPC", () => {
  let platform: TestPlatformFacts;
  const clients = new Map<string, Client>();
  const hosted = operations.filter(({ owner }) => owner !== "gateway");

  beforeAll(async () => {
    platform = await testPlatform();
  }, 180_000);

  afterAll(() => {
    for (const client of clients.values()) client.close();
  });

  const forgeries: [string, () => Record<string, string>][] = [
    ["without any", () => ({})],
    [
      "with an unsigned user token",
      () => ({ authorization: `Bearer ${token({ alg: "none", typ: "at+jwt" }, () => "")}` }),
    ],
    [
      "with a user token of a foreign key",
      () => ({ authorization: `Bearer ${token({ alg: "RS256", typ: "at+jwt" }, foreignRsa)}` }),
    ],
    [
      "with a service token of a foreign key",
      () => ({ "partake-service-token": token({ alg: "EdDSA", typ: "service+jwt", kid: "contacts" }, foreignEd) }),
    ],
    [
      "with made-up headers",
      () => ({ "partake-user-id": "usr_1", "x-user": "admin", "partake-organisation-id": "org_1" }),
    ],
  ];

  for (const [what, metadata] of forgeries) {
    test(`${what}: all ${hosted.length} refuse`, async () => {
      const answers = await Promise.all(
        hosted.map(
          async ({ path, owner, request }) =>
            [path, await call(owner, path, { request, metadata: metadata() })] as const,
        ),
      );
      const open = operations.filter(({ access }) => access.kind === "public").map(({ path }) => path);
      const wrong = answers.filter(
        ([path, code]) => !open.includes(path) && code !== status.UNAUTHENTICATED && code !== status.PERMISSION_DENIED,
      );
      expect(wrong).toEqual([]);
    });
  }

  for (const [what, metadata] of forgeries) {
    test(`${what}: no service opens its shared stream of calls`, async () => {
      const owners = [...new Set(hosted.map(({ owner }) => owner))];
      const codes = await Promise.all(
        owners.map(async (owner) => [owner, await openStream(owner, metadata())] as const),
      );
      expect(codes).toEqual(owners.map((owner) => [owner, status.UNAUTHENTICATED]));
    });
  }

  /** How the stream ends in which our own services make their calls. */
  function openStream(owner: string, headers: Record<string, string>): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<number>();
    const same = (bytes: Buffer) => bytes;
    const metadata = metadataOf(headers);
    const stream = clientOf(owner).makeBidiStreamRequest("/partake.rpc.v1.Carrier/Carry", same, same, metadata, {
      deadline: Date.now() + 10_000,
    });
    stream.on("error", ({ code }: ServiceError) => resolve(code)).on("end", () => resolve(status.OK));
    stream.resume().end();
    return promise;
  }

  function clientOf(owner: string): Client {
    const process = platform.processes.find(({ name }) => name === owner);
    if (!process) throw new Error(`No process of ${owner} runs.`);
    const client = clients.get(owner) ?? new Client(process.rpcAddress, credentials.createInsecure());
    clients.set(owner, client);
    return client;
  }

  function call(
    owner: string,
    path: string,
    sent: { request: string; metadata: Record<string, string> },
  ): Promise<number> {
    const client = clientOf(owner);
    const metadata = metadataOf(sent.metadata);
    const { encode } = codec(sent.request);
    const { promise, resolve } = Promise.withResolvers<number>();
    const serialize = () => encode({});
    const take = (error: ServiceError | null) => resolve(error?.code ?? status.OK);
    client.makeUnaryRequest(path, serialize, (bytes) => bytes, {}, metadata, { deadline: Date.now() + 10_000 }, take);
    return promise;
  }
});

function metadataOf(headers: Record<string, string>): Metadata {
  const metadata = new Metadata();
  for (const [name, value] of Object.entries(headers)) metadata.set(name, value);
  return metadata;
}

const rsa = generateKeyPairSync("rsa", { modulusLength: 2048 });
const ed = generateKeyPairSync("ed25519");
const foreignRsa = (text: string) => sign("sha256", Buffer.from(text), rsa.privateKey).toString("base64url");
const foreignEd = (text: string) => sign(null, Buffer.from(text), ed.privateKey).toString("base64url");

function token(header: object, signature: (text: string) => string): string {
  const now = Math.floor(Date.now() / 1000);
  const claims = {
    iss: "contacts",
    sub: "contacts",
    aud: "partake-services",
    iat: now,
    exp: now + 60,
    roles: ["admin:org_00000000-0000-7000-8000-000000000000"],
  };
  const text = [header, claims].map((part) => Buffer.from(JSON.stringify(part)).toString("base64url")).join(".");
  return `${text}.${signature(text)}`;
}
