// Runs a service's `migrate` to its end and then the service, for the compose file; Kubernetes has an init container for that.
import { spawn } from "node:child_process";

const main = process.argv[2];
if (!main) throw new Error("Which service? Name its main file.");
const status = await run([main, "migrate"]);
process.exitCode = status === 0 ? await run([main]) : status;

/** Its exit status; signals to this process are passed on, so that the service can finish what it has. */
function run(parameters: string[]): Promise<number> {
  const child = spawn(process.execPath, [...process.execArgv, ...parameters], { stdio: "inherit" });
  const pass = (signal: NodeJS.Signals) => void child.kill(signal);
  process.on("SIGTERM", pass).on("SIGINT", pass);
  const { promise, resolve } = Promise.withResolvers<number>();
  child.on("exit", (code) => {
    process.off("SIGTERM", pass).off("SIGINT", pass);
    resolve(code ?? 1);
  });
  return promise;
}
