import type { Arrived, Broadcast } from "@partake/bus";
import { failure } from "@partake/failure";
import { type Attendance, createAttendance } from "./attendance.ts";
import { happeningOf, liveTopics } from "./audience.ts";
import { createRing } from "./ring.ts";
import type { Stream } from "./stream.ts";

/** Brings what happens to everybody who watches. */
export interface Hub {
  /** To be joined to the bus. */
  readonly broadcast: Broadcast;
  /** What is open beside the streams, and ends with the right to it. */
  readonly attendance: Attendance;
  /** The cursor of now. */
  now(): string;
  /** Refuses one watcher too many, of a person or of all. */
  admit(userId: string): void;
  /** Adds a stream; from a cursor on, where the client tells one. */
  add(stream: Stream, cursor: string | undefined): void;
  remove(stream: Stream): void;
  readonly size: number;
  stop(): void;
}

export interface HubSettings {
  streams: number;
  streamsOfUser: number;
  beatMs: number;
}

export const hubSettings: HubSettings = { streams: 5_000, streamsOfUser: 10, beatMs: 15_000 };

export function createHub(settings: HubSettings, nowMs: () => number): Hub {
  const ring = createRing(nowMs);
  const attendance = createAttendance();
  const leaves = new Map<Stream, () => void>();
  const byOrganisation = new Map<string, Set<Stream>>();
  const ofUser = new Map<string, number>();
  let size = 0;
  const everyStream = () => [...byOrganisation.values()].flatMap((streams) => [...streams]);
  const timer = setInterval(() => {
    for (const stream of everyStream()) stream.beat();
  }, settings.beatMs).unref();
  const handle = (arrived: Arrived) => {
    attendance.handle(arrived);
    const happening = happeningOf(arrived);
    if (!happening) return;
    const cursor = ring.add(happening);
    for (const stream of byOrganisation.get(happening.organisationId) ?? []) stream.offer({ happening, cursor });
  };
  const lost = () => {
    ring.clear();
    for (const stream of everyStream()) stream.resync();
  };
  return {
    broadcast: { topics: [...liveTopics, "roles", "scopes", "sessions"], handle, lost },
    attendance,
    now: () => ring.now(),
    admit(userId) {
      if (size >= settings.streams) throw failure("unavailable", "too_many_streams", { retryAfterMs: 5_000 });
      if ((ofUser.get(userId) ?? 0) >= settings.streamsOfUser)
        throw failure("rate_limited", "too_many_streams", { retryAfterMs: 5_000 });
    },
    add(stream, cursor) {
      const { organisationId, userId } = stream;
      const missed = cursor === undefined ? [] : ring.after(cursor);
      if (missed === undefined) stream.resync();
      else for (const kept of missed) if (kept.happening.organisationId === organisationId) stream.offer(kept);
      const streams = byOrganisation.get(organisationId) ?? new Set();
      byOrganisation.set(organisationId, streams.add(stream));
      ofUser.set(userId, (ofUser.get(userId) ?? 0) + 1);
      size += 1;
      leaves.set(stream, attendance.attend(stream));
    },
    remove(stream) {
      const streams = byOrganisation.get(stream.organisationId);
      if (!streams?.delete(stream)) return;
      leaves.get(stream)?.();
      leaves.delete(stream);
      if (streams.size === 0) byOrganisation.delete(stream.organisationId);
      const left = (ofUser.get(stream.userId) ?? 1) - 1;
      if (left > 0) ofUser.set(stream.userId, left);
      else ofUser.delete(stream.userId);
      size -= 1;
    },
    get size() {
      return size;
    },
    stop() {
      clearInterval(timer);
      for (const stream of everyStream()) stream.end();
    },
  };
}
