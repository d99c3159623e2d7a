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
  /** Who the client is at this moment, by grants of at least that version. Throws when it is nobody any more. */
  verify(grantsVersion?: number): Verified | Promise<Verified>;
  /** At which version the organisation's grants stand now; undefined where nobody can say. */
  grantsNow(): Promise<number | undefined>;
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
  let misses = 0;
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
    misses += 1;
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
  /**
   * Whoever is to be told something is looked at once more, by what identity knows after it happened: a role that was taken before
   * counts no more, though nobody heard of that yet. What cannot be decided so is not told, but that something was missed. (R19)
   */
  const tellAll = async (happened: readonly Kept[]): Promise<void> => {
    const before = misses;
    const held = callerOf(await options.verify());
    if (held === undefined) return expire();
    const theirs = happened.filter(({ happening }) => happening.isFor(held));
    if (theirs.length === 0) return;
    const version = await options.grantsNow();
    if (version === undefined) return miss();
    const current = callerOf(await options.verify(version));
    if (current === undefined) return expire();
    for (const { happening, cursor } of theirs) {
      if (isSlow()) miss();
      if (misses > before) return;
      if (happening.isFor(current)) say(happening.event, cursor);
    }
  };
  const pump = async () => {
    isPumping = true;
    try {
      while (waiting.length > 0) {
        const happened = waiting;
        waiting = [];
        await tellAll(happened);
      }
      tellMissed();
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
      if (blockedBeats === 0 && !isPumping && !missed) write(`: \nid: ${now()}\n\n`);
      tellMissed();
      void checkRight({ options, expire, end });
    },
    check: () => void checkRight({ options, expire, end }),
    end,
  };
}

/** Somebody who holds more than their token knows is to come back with a new one, and then sees everything. */
function callerOf({ caller }: Verified): UserCaller | undefined {
  return caller.kind === "user" && caller.fresh === undefined ? caller : undefined;
}

interface Checked {
  options: StreamOptions;
  expire(): void;
  end(): void;
}

async function checkRight({ options, expire, end }: Checked): Promise<void> {
  try {
    if (callerOf(await options.verify()) === undefined || !(await options.isSessionOpen())) expire();
  } catch (thrown) {
    if (asFailure(thrown).code === "unauthenticated") expire();
    else end();
  }
}
