import { grouped, printedCode, readPrintedCode } from "./domain/printed-code.ts";
import type { Sealing } from "./store/sealing.ts";

/** The secrets of printed codes. */
export interface PrintedCodeSecrets {
  /** The code of a print: made from its id, so that the same request again gives the same answer without the code being kept. */
  codeOf(participationId: string, printId: string): string;
  hashOf(code: string): string;
  /** What is looked for when somebody typed something; of what cannot be a code it is nobody's, so that it costs the same. */
  hashesOf(typed: string): string[];
}

export function printedCodeSecrets(sealing: Sealing): PrintedCodeSecrets {
  const hashes = (typed: string) => sealing.macs(readPrintedCode(typed) ?? "none", "printed code hash");
  return {
    codeOf(participationId, printId) {
      const secret = sealing.mac(`${participationId}:${printId}`, "printed code");
      return grouped(printedCode(Buffer.from(secret, "base64url")));
    },
    hashOf: (code) => hashes(code)[0] ?? "",
    hashesOf: hashes,
  };
}
