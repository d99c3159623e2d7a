import type { HeldRole, Places, Switches } from "@partake/authz";

/** What a person holds in one organisation, as far as this process knows; changed by nobody but its owner. */
export interface HeldGrants {
  readonly roles: readonly HeldRole[];
  /** What was taken since, as role:scope, with the organisation's version at which it was. */
  readonly taken?: ReadonlyMap<string, number>;
  /** Projects for which the right that the person derives from a folder was taken away; absent: none. (R16) */
  readonly withheld?: readonly string[];
  /** When the first of the roles ends by itself: from then on this is not current, though nobody says so. */
  readonly untilMs?: number;
  /** Log-ins of theirs that were ended while tokens of them may still be about. */
  readonly endedSessions?: ReadonlySet<string>;
  /** Of a service account: the admin who made it. */
  readonly creatorId?: string;
  readonly switches: Switches;
  /** The organisation's version at which identity told this. */
  readonly version: number;
  /** The person may log in and the organisation is active. */
  readonly enabled: boolean;
  /** False from the moment that something newer is known, or that this is no longer kept up to date. */
  readonly current: boolean;
}

/** Live grants, as libs/service keeps them. */
export interface LiveGrants {
  /** Whether changes reach us: identity's heartbeat was heard lately. */
  fresh(): boolean;
  /**
   * The highest version of an organisation's grants of which a change reached us; 0 where none did. Of those before it all did,
   * of that version itself there may be more to come.
   */
  heard(organisationId: string): number;
  /**
   * The person's grants, at least as new as that version: held, else read from identity. Undefined where they cannot be had
   * or not in that version.
   */
  read(of: { organisationId: string; userId: string; version: number }): Promise<HeldGrants | undefined>;
}

/** Live places, as libs/service keeps them. */
export interface LivePlaces {
  /** The places of one organisation. To ask them what is not known yet throws `unavailable`. */
  of(organisationId: string): Places;
  /** Reads the organisation's places if that is still to be done; undefined if there is nothing to wait for. Never rejects. */
  load(organisationId: string): Promise<void> | undefined;
  /** Asks their owner about one project, which was refused: its place may be newer than what is held. Never rejects. */
  ask(organisationId: string, projectId: string): Promise<void>;
}
