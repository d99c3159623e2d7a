/** More than anybody has devices for. */
export const MOST_PASSKEYS = 20;

/** Whether the key stays on the device on which it was made, or a provider copies it to the person's others. */
export type PasskeyDevice = "single" | "multi";

/** How a log-in with a passkey proved who the person is (RFC 8176): with a key, and by being there. */
export function methodsOf(device: PasskeyDevice): string[] {
  return [device === "single" ? "hwk" : "swk", "user"];
}

/**
 * Whether somebody else may hold a copy of the key (WebAuthn 3, 7.2, step 22): an authenticator that counts has to count on. One
 * that never counted, as those that copy keys, says zero every time.
 */
export function isCopied(of: { known: number; given: number }): boolean {
  return (of.known > 0 || of.given > 0) && of.given <= of.known;
}

/** What a passkey is called until its person says otherwise. */
export function labelOr(label: string, device: PasskeyDevice): string {
  const given = label.trim();
  if (given !== "") return given;
  return device === "single" ? "Passkey of one device" : "Passkey";
}
