import type { ServerResponse } from "node:http";
import type { UserCaller } from "@partake/authz";
import { asFailure } from "@partake/failure";
import type { Verified } from "@partake/rpc";
import type { LiveEvent } from "./audience.ts";
import type { Kept } from "./ring.ts";

/** One client's stream of events. */
export interface Stream {
  readonly userId: string;
  readonly organisationId: string;
  /** Considers something that happened: whether it goes out is decided now. */
  offer(kept: Kept): void;
  /** Tells that something was missed, so that everything is to be read anew. */
  resync(): void;
  /** Shows that the connection lives, moves the client's place on, and ends the stream of whoever has no right to it any more. */
  beat(): void;
  /** Ends the stream of whoever has no right to it any more. */
  check(): void;
  end(): void;
}

export interface StreamOptions {
  response: ServerResponse;
  caller: UserCaller & { organisationId: string };
  /** Who the client is at this moment. Throws when it is nobody any more. */
  verify(): Verified | Promise<Verified>;
  /** Whether the session goes on that the stream was opened with. */
  isSessionOpen(): Promise<boolean>;
  /** The cursor of now. */
  now(): string;
}

const maxWaiting = 1_000;
/** More than this unsent: the client reads too slowly, and what it missed is cheaper to read anew. */
const maxUnsentBytes = 256 * 1024;
const maxBlockedBeats = 4;

export function openStream(options: StreamOptions): Stream {
  const { response, caller, now } = options;
  let waiting: Kept[] = [];
  let isPumping = false;
  let missed = false;
  let blockedBeats = 0;

  const end = () => {
    waiting = [];
    response.end();
  };
  const write = (text: string) => {
    if (!response.writableEnded && !response.destroyed) response.write(text);
  };
  const say = (event: LiveEvent, cursor: string) => write(`id: ${cursor}\ndata: ${JSON.stringify(event)}\n\n`);
  const isSlow = () => response.writableLength > maxUnsentBytes;
  const miss = () => {
    waiting = [];
    missed = true;
  };
  const tellMissed = () => {
    if (!missed || isSlow()) return;
    missed = false;
    say({ id: "", kind: "resync" }, now());
  };
  const expire = () => {
    say({ id: "", kind: "expired" }, now());
    end();
  };
  const tell = ({ happening, cursor }: Kept, { caller: current }: Verified) => {
    // Somebody who holds more than their token knows comes back with a new one, and then sees everything.
    if (current.kind !== "user" || current.fresh !== undefined) return expire();
    if (happening.isFor(current)) say(happening.event, cursor);
  };
  const pump = async () => {
    isPumping = true;
    try {
      for (let kept = waiting.shift(); kept !== undefined; kept = waiting.shift()) {
        const verified = options.verify();
        tell(kept, verified instanceof Promise ? await verified : verified);
      }
    } catch (thrown) {
      // Not to know who somebody is means to show them nothing more.
      if (asFailure(thrown).code === "unauthenticated") expire();
      else end();
    } finally {
      isPumping = false;
    }
  };
  response.on("drain", tellMissed);
  return {
    userId: caller.userId,
    organisationId: caller.organisationId,
    offer(kept) {
      if (response.writableEnded) return;
      if (missed || isSlow() || waiting.length >= maxWaiting) return miss();
      waiting.push(kept);
      if (!isPumping) void pump();
    },
    resync() {
      miss();
      tellMissed();
    },
    beat() {
      blockedBeats = isSlow() ? blockedBeats + 1 : 0;
      if (blockedBeats >= maxBlockedBeats) return void response.destroy();
      if (blockedBeats === 0 && waiting.length === 0 && !missed) write(`: \nid: ${now()}\n\n`);
      tellMissed();
      void checkRight({ options, expire, end });
    },
    check: () => void checkRight({ options, expire, end }),
    end,
  };
}

interface Checked {
  options: StreamOptions;
  expire(): void;
  end(): void;
}

async function checkRight({ options, expire, end }: Checked): Promise<void> {
  try {
    const { caller } = await options.verify();
    if (caller.kind !== "user" || caller.fresh !== undefined || !(await options.isSessionOpen())) expire();
  } catch (thrown) {
    if (asFailure(thrown).code === "unauthenticated") expire();
    else end();
  }
}
