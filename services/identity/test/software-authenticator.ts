import { createHash, generateKeyPairSync, type KeyObject, randomBytes, sign } from "node:crypto";

// A device with passkeys, as far as a server meets it: ES256 keys, and the little of CBOR (RFC 8949) that an attestation needs.

interface CreationOptions {
  challenge: string;
  rp?: { id?: string } | undefined;
  user?: { id: string } | undefined;
  excludeCredentials?: readonly { id: string }[];
}

interface RequestOptions {
  challenge: string;
  rpId?: string;
  allowCredentials?: readonly { id: string }[];
}

/** What a device or a page could get wrong, or do on purpose. */
export interface Tampering {
  origin?: string;
  rpId?: string;
  challenge?: string;
  type?: string;
  isVerified?: boolean;
  isPresent?: boolean;
  counter?: number;
  userHandle?: string;
  credentialId?: string;
  signature?: string;
  isSynced?: boolean;
}

interface Key {
  credentialId: string;
  privateKey: KeyObject;
  rpId: string;
  userHandle: string;
  counter: number;
}

export class SoftwareAuthenticator {
  readonly origin: string;
  /** A synced one never counts, and its keys are copied to the person's other devices. */
  readonly isSynced: boolean;
  readonly keys: Key[] = [];

  constructor(of: { origin: string; isSynced?: boolean }) {
    this.origin = of.origin;
    this.isSynced = of.isSynced ?? false;
  }

  create(options: CreationOptions, tampering: Tampering = {}) {
    const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    const excluded = new Set((options.excludeCredentials ?? []).map(({ id }) => id));
    if (this.keys.some(({ credentialId }) => excluded.has(credentialId))) throw new Error("InvalidStateError");
    const id = randomBytes(32);
    const credentialId = id.toString("base64url");
    const rpId = tampering.rpId ?? options.rp?.id ?? "";
    this.keys.push({ credentialId, privateKey, rpId, userHandle: options.user?.id ?? "", counter: 0 });
    const length = Buffer.from([0, id.length]);
    const attested = Buffer.concat([Buffer.alloc(16), length, id, coseKey(publicKey)]);
    const head = authenticatorData({ rpId, counter: 0, attested, ...this.flags(tampering) });
    const object = { fmt: "none", attStmt: new Map(), authData: head };
    return {
      credentialId: tampering.credentialId ?? credentialId,
      clientData: this.clientData("webauthn.create", options.challenge, tampering),
      attestationObject: cbor(new Map(Object.entries(object))).toString("base64url"),
      transports: this.isSynced ? ["internal", "hybrid"] : ["usb"],
    };
  }

  get(options: RequestOptions, tampering: Tampering = {}) {
    const allowed = new Set((options.allowCredentials ?? []).map(({ id }) => id));
    const key = this.keys.findLast(({ credentialId }) => allowed.size === 0 || allowed.has(credentialId));
    if (key === undefined) throw new Error("NotAllowedError");
    if (!this.isSynced) key.counter += 1;
    const counter = tampering.counter ?? key.counter;
    const rpId = tampering.rpId ?? options.rpId ?? key.rpId;
    const data = authenticatorData({ rpId, counter, ...this.flags(tampering) });
    const clientData = this.clientData("webauthn.get", options.challenge, tampering);
    const signed = Buffer.concat([data, sha256(Buffer.from(clientData, "base64url"))]);
    return {
      credentialId: tampering.credentialId ?? key.credentialId,
      clientData,
      authenticatorData: data.toString("base64url"),
      signature: tampering.signature ?? sign("sha256", signed, key.privateKey).toString("base64url"),
      userHandle: tampering.userHandle ?? key.userHandle,
    };
  }

  private flags({ isVerified = true, isPresent = true, isSynced = this.isSynced }: Tampering) {
    return { isVerified, isPresent, isSynced };
  }

  private clientData(type: string, challenge: string, tampering: Tampering): string {
    const { origin = this.origin } = tampering;
    const said = { type: tampering.type ?? type, challenge: tampering.challenge ?? challenge, origin };
    return Buffer.from(JSON.stringify({ ...said, crossOrigin: false })).toString("base64url");
  }
}

/** WebAuthn 3, 6.1. */
function authenticatorData(of: {
  rpId: string;
  counter: number;
  isVerified: boolean;
  isPresent: boolean;
  isSynced: boolean;
  attested?: Buffer;
}): Buffer {
  const flags =
    (of.isPresent ? 0x01 : 0) | (of.isVerified ? 0x04 : 0) | (of.isSynced ? 0x18 : 0) | (of.attested ? 0x40 : 0);
  const counter = Buffer.alloc(4);
  counter.writeUInt32BE(of.counter);
  return Buffer.concat([
    sha256(Buffer.from(of.rpId)),
    Buffer.from([flags]),
    counter,
    ...(of.attested === undefined ? [] : [of.attested]),
  ]);
}

/** RFC 9053, 7.1.1: EC2, ES256, P-256 and the point. */
function coseKey(publicKey: KeyObject): Buffer {
  const { x = "", y = "" } = publicKey.export({ format: "jwk" });
  const point = [Buffer.from(x, "base64url"), Buffer.from(y, "base64url")];
  return cbor(
    new Map<number, unknown>([
      [1, 2],
      [3, -7],
      [-1, 1],
      [-2, point[0]],
      [-3, point[1]],
    ]),
  );
}

function cbor(value: unknown): Buffer {
  if (typeof value === "number") return value >= 0 ? headOf(0, value) : headOf(1, -1 - value);
  if (typeof value === "string") return Buffer.concat([headOf(3, Buffer.byteLength(value)), Buffer.from(value)]);
  if (value instanceof Uint8Array) return Buffer.concat([headOf(2, value.length), value]);
  if (!(value instanceof Map)) throw new TypeError("not needed here");
  const entries = [...value].flatMap(([key, member]) => [cbor(key), cbor(member)]);
  return Buffer.concat([headOf(5, value.size), ...entries]);
}

function headOf(major: number, length: number): Buffer {
  if (length < 24) return Buffer.from([(major << 5) | length]);
  return length < 256
    ? Buffer.from([(major << 5) | 24, length])
    : Buffer.from([(major << 5) | 25, length >> 8, length & 0xff]);
}

function sha256(bytes: Uint8Array): Buffer {
  return createHash("sha256").update(bytes).digest();
}
