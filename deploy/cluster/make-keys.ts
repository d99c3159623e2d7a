// Makes, once for an installation on a cluster, the Secret that its pods mount: a private key for each service, the public keys of
// all, and the encryption key. Runs inside the cluster with the right to create Secrets and nothing else, so that no key ever
// lies on a person's machine. One Secret, because it is then there whole or not at all; what exists stays as it is.
import { readFileSync } from "node:fs";
import { request } from "node:https";
import { makeKeys } from "./keys.ts";

const ACCOUNT = "/var/run/secrets/kubernetes.io/serviceaccount";

const outcome = await create("partake-keys", makeKeys());
console.log(outcome === "created" ? "The keys are made." : "The keys are there already.");

async function create(name: string, stringData: Record<string, string>): Promise<"created" | "exists"> {
  const namespace = readFileSync(`${ACCOUNT}/namespace`, "utf8");
  const body = JSON.stringify({ apiVersion: "v1", kind: "Secret", metadata: { name }, stringData });
  const status = await post(`/api/v1/namespaces/${namespace}/secrets`, body);
  if (status === 201) return "created";
  if (status === 409) return "exists";
  throw new Error(`The cluster answered ${status} to the creation of the Secret ${name}.`);
}

function post(path: string, body: string): Promise<number> {
  const { promise, resolve, reject } = Promise.withResolvers<number>();
  const call = request(
    {
      host: process.env["KUBERNETES_SERVICE_HOST"],
      port: process.env["KUBERNETES_SERVICE_PORT"],
      path,
      method: "POST",
      ca: readFileSync(`${ACCOUNT}/ca.crt`),
      timeout: 10_000,
      headers: {
        authorization: `Bearer ${readFileSync(`${ACCOUNT}/token`, "utf8")}`,
        "content-type": "application/json",
        "content-length": Buffer.byteLength(body),
      },
    },
    (response) => {
      response.resume();
      response.on("end", () => resolve(response.statusCode ?? 0));
    },
  );
  call.on("timeout", () => call.destroy(new Error("The cluster did not answer in 10 s.")));
  call.on("error", reject);
  call.end(body);
  return promise;
}
