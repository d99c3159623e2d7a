import { Script } from "node:vm";

/** V8 has forgotten a script that was compiled 110 s ago. */
const everyMs = 60_000;

/**
 * Lets V8 give memory back that a busy time needed. It does so some seconds after a process fell quiet, and is quiet only what
 * makes few objects on every heap, also on the one of native objects, where Node makes one for each compiled script and nothing
 * else that a service uses. Since V8 13.1 a rate of exactly zero counts there as a high one, so that a service that compiles
 * nothing never falls quiet: it held what it had grown to until 100 s without any collection had passed.
 */
export function giveBackIdleMemory(): void {
  compileNothing();
  setInterval(compileNothing, everyMs).unref();
}

function compileNothing(): Script {
  return new Script("");
}
