import { failure } from "@partake/failure";
import type { LogInAnswer, RegistrationAnswer } from "../passkeys.ts";

// What the script of a page posts of a device's answer.

type Form = ReadonlyMap<string, string>;

const encoded = /^[A-Za-z0-9_-]+$/;

export function readLogInAnswer(form: Form): LogInAnswer {
  const userHandle = form.get("userHandle") ?? "";
  if (userHandle !== "" && !encoded.test(userHandle)) throw refused();
  const [credentialId, clientData] = [bytesIn(form, "credentialId"), bytesIn(form, "clientData")];
  const [authenticatorData, signature] = [bytesIn(form, "authenticatorData"), bytesIn(form, "signature")];
  return { credentialId, clientData, authenticatorData, signature, userHandle };
}

export function readRegistrationAnswer(form: Form): RegistrationAnswer {
  const [credentialId, clientData] = [bytesIn(form, "credentialId"), bytesIn(form, "clientData")];
  const transports = (form.get("transports") ?? "").split(" ").filter(Boolean);
  return { credentialId, clientData, attestationObject: bytesIn(form, "attestationObject"), transports };
}

function bytesIn(form: Form, name: string): string {
  const text = form.get(name) ?? "";
  if (!encoded.test(text)) throw refused();
  return text;
}

function refused() {
  return failure("unprocessable", "passkey_refused");
}
