import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { Failure, failure } from "@partake/failure";
import type {
  PublicKeyCredentialCreationOptionsJSON,
  PublicKeyCredentialRequestOptionsJSON,
} from "@simplewebauthn/server";
import type { PasskeyDevice } from "./domain/passkey.ts";
import { CHALLENGE_LIFE_MS, type ChallengeUse, judgeChallenge, makeChallenge } from "./domain/passkey-challenge.ts";
import type { AnsweredChallenge, MadePasskey, PasskeyRecord, PasskeyUse } from "./store/passkeys.ts";
import type { Sealing } from "./store/sealing.ts";

/** What a device answered when it was asked to make a passkey; everything base64url. */
export interface RegistrationAnswer {
  credentialId: string;
  clientData: string;
  attestationObject: string;
  transports: readonly string[];
}

/** What a device answered when it was asked to prove that it has one; everything base64url. */
export interface LogInAnswer {
  credentialId: string;
  clientData: string;
  authenticatorData: string;
  signature: string;
  userHandle: string;
}

/**
 * The two ceremonies of WebAuthn, without any storing: to begin one gives what the browser's `parse…OptionsFromJSON` takes; to
 * verify one gives what its caller stores in a transaction of its own, by `keepPasskey` or `noteUse`. `boundTo` is the person who is logged in, or the log-in under
 * way whose person is not known yet: an answer counts for the same one only.
 */
export interface Passkeys {
  /** The account need not exist yet: its id becomes the passkey's user handle. `known` are those that it has. */
  beginRegistration(of: {
    boundTo: string;
    userId: string;
    name: string;
    displayName: string;
    known: readonly PasskeyRecord[];
  }): Promise<PublicKeyCredentialCreationOptionsJSON>;
  /** Throws `gone` after five minutes, and `unprocessable` for whatever else is wrong. */
  verifyRegistration(of: { boundTo: string; answer: RegistrationAnswer }): Promise<MadePasskey>;
  /** Without `known` the person chooses among all that their devices have for this platform. */
  beginLogIn(of: { boundTo: string; known: readonly PasskeyRecord[] }): Promise<PublicKeyCredentialRequestOptionsJSON>;
  verifyLogIn(of: { boundTo: string; answer: LogInAnswer; passkey: PasskeyRecord }): Promise<PasskeyUse>;
}

/** Loaded when somebody first needs it: with what attestation would need it takes 25 MB. */
const library = () => import("@simplewebauthn/server");

const rpName = "Partake";
/** Ed25519, ECDSA with P-256, and RSA for Windows, whose older devices know nothing else (IANA, COSE algorithms). */
const algorithms = [-8, -7, -257];
const macPurpose = "passkey challenge";
const transportForm = /^[a-z-]{1,20}$/;
const mostTransports = 8;

export function passkeyCeremonies(parts: { origin: string; sealing: Sealing; clock: { now(): Date } }): Passkeys {
  const { origin, sealing, clock } = parts;
  const rpID = new URL(origin).hostname;
  const macs = (text: string) => sealing.macs(text, macPurpose);
  const challengeFor = (use: ChallengeUse) =>
    new Uint8Array(makeChallenge(use, { now: clock.now(), nonce: randomBytes(16), macs }));
  /** The library calls it with the challenge that the device signed; what it was for is kept for afterwards. */
  const challengeCheck = (use: ChallengeUse) => {
    const answered: { challenge?: AnsweredChallenge } = {};
    const expectedChallenge = (text: string) => {
      const challenge = Buffer.from(text, "base64url");
      const isSame = (a: Buffer, b: Buffer) => a.length === b.length && timingSafeEqual(a, b);
      const verdict = judgeChallenge(challenge, use, { now: clock.now(), macs, isSame });
      if (verdict.kind === "expired") throw failure("gone", "challenge_ended");
      if (verdict.kind === "good") answered.challenge = { _id: hashOf(challenge), expiresAt: verdict.expiresAt };
      return verdict.kind === "good";
    };
    return { answered, expectedChallenge };
  };
  const expected = { expectedOrigin: origin, expectedRPID: rpID, requireUserVerification: true };

  return {
    async beginRegistration({ boundTo, userId, name, displayName, known }) {
      const { generateRegistrationOptions } = await library();
      return await generateRegistrationOptions({
        ...{ rpName, rpID, userName: name, userDisplayName: displayName, userID: handleOf(userId) },
        challenge: challengeFor({ purpose: "registration", boundTo }),
        timeout: CHALLENGE_LIFE_MS,
        attestationType: "none",
        excludeCredentials: known.map(descriptor),
        authenticatorSelection: { residentKey: "required", userVerification: "required" },
        supportedAlgorithmIDs: algorithms,
      });
    },

    async verifyRegistration({ boundTo, answer }) {
      const { verifyRegistrationResponse } = await library();
      const { answered, expectedChallenge } = challengeCheck({ purpose: "registration", boundTo });
      const { credentialId: id, clientData: clientDataJSON, attestationObject } = answer;
      const credential = { id, rawId: id, type: "public-key" as const, clientExtensionResults: {} };
      const response = { ...credential, response: { clientDataJSON, attestationObject } };
      const { registrationInfo } = await proven(() =>
        verifyRegistrationResponse({ ...expected, response, expectedChallenge, supportedAlgorithmIDs: algorithms }),
      );
      if (registrationInfo === undefined || answered.challenge === undefined) throw refused();
      const { credential: made, credentialDeviceType, credentialBackedUp: backedUp } = registrationInfo;
      if (made.id !== id) throw refused();
      return {
        credentialId: made.id,
        publicKey: Buffer.from(made.publicKey).toString("base64url"),
        counter: made.counter,
        transports: answer.transports.filter((one) => transportForm.test(one)).slice(0, mostTransports),
        device: deviceOf(credentialDeviceType),
        backedUp,
        challenge: answered.challenge,
      };
    },

    async beginLogIn({ boundTo, known }) {
      const { generateAuthenticationOptions } = await library();
      return await generateAuthenticationOptions({
        rpID,
        challenge: challengeFor({ purpose: "log_in", boundTo }),
        timeout: CHALLENGE_LIFE_MS,
        allowCredentials: known.map(descriptor),
        userVerification: "required",
      });
    },

    async verifyLogIn({ boundTo, answer, passkey }) {
      const { verifyAuthenticationResponse } = await library();
      const { answered, expectedChallenge } = challengeCheck({ purpose: "log_in", boundTo });
      const { clientData: clientDataJSON, authenticatorData, signature, userHandle } = answer;
      if (userHandle !== "" && userHandle !== Buffer.from(handleOf(passkey.userId)).toString("base64url"))
        throw refused();
      const { credentialId: id } = passkey;
      const named = { id, rawId: id, type: "public-key" as const, clientExtensionResults: {} };
      const response = { ...named, response: { clientDataJSON, authenticatorData, signature } };
      // Not the stored counter: it is compared when the use is noted, and by then the signature has proved the given one.
      const credential = { id, publicKey: new Uint8Array(Buffer.from(passkey.publicKey, "base64url")), counter: 0 };
      const { verified, authenticationInfo } = await proven(() =>
        verifyAuthenticationResponse({ ...expected, response, expectedChallenge, credential }),
      );
      if (!verified || answered.challenge === undefined) throw refused();
      const { newCounter: counter, credentialBackedUp: backedUp, credentialDeviceType } = authenticationInfo;
      // Whether a key can be copied never changes (WebAuthn 3, 6.1.3).
      if (deviceOf(credentialDeviceType) !== passkey.device) throw refused();
      return { passkeyId: passkey._id, seen: { counter, backedUp }, challenge: answered.challenge };
    },
  };
}

/** The library says by errors what is wrong; who asks hears only that something is. */
async function proven<T>(verify: () => Promise<T>): Promise<T> {
  try {
    return await verify();
  } catch (error) {
    throw error instanceof Failure ? error : refused(error);
  }
}

function refused(cause?: unknown) {
  return failure("unprocessable", "passkey_refused", { cause });
}

function descriptor({ credentialId: id, transports }: PasskeyRecord) {
  return { id, transports: [...transports] };
}

/** Made of the account's id, which tells nothing of the person. */
function handleOf(userId: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Buffer.from(userId));
}

function deviceOf(type: "singleDevice" | "multiDevice"): PasskeyDevice {
  return type === "singleDevice" ? "single" : "multi";
}

function hashOf(challenge: Buffer): string {
  return createHash("sha256").update("passkey challenge:").update(challenge).digest("base64url");
}
