import { credentials, Client as GrpcClient, type ChannelOptions as GrpcOptions } from "@grpc/grpc-js";
import type { Resolve } from "./addresses.ts";
import { Carrier, type CarrierEnd } from "./carrier.ts";
import type { MintServiceToken } from "./service-token.ts";

export interface CarriersOptions {
  resolve: Resolve;
  serviceToken: MintServiceToken;
  /** Of the connection to each address. */
  grpc: GrpcOptions;
}

/** One address, and the stream to it if there is one. */
interface Place {
  client: GrpcClient;
  carrier: Carrier | undefined;
  isOpen: boolean;
  /** Its server does not know carriers: a replica of an older version. */
  takesNone: boolean;
  notBeforeMs: number;
  failures: number;
}

/** Two calls within this time are worth a stream; single ones go as they always did. */
const busyMs = 1_000;
/** While there are calls, new replicas are looked for this often. */
const resolveEveryMs = 10_000;
export const minBackoffMs = 100;
/** A replica that comes back is found again within this time. The next one may be told to end soon after. */
export const maxBackoffMs = 1_000;
/** An older version at an address may have been replaced by then. */
const unknownMs = 60_000;

/**
 * The streams to the replicas of one service, one to each address, in turn. Everything here is done when a call comes; without
 * calls the streams are left when their time is over, and nothing happens.
 */
export class Carriers {
  private readonly options: CarriersOptions;
  private readonly places = new Map<string, Place>();
  private ring: Place[] = [];
  private turn = 0;
  private calledMs = 0;
  private resolvedMs = 0;
  private resolving: Promise<void> | undefined;
  private isClosed = false;

  constructor(options: CarriersOptions) {
    this.options = options;
  }

  /** How many streams are open. */
  get count(): number {
    return this.ring.filter(({ isOpen }) => isOpen).length;
  }

  /** The stream by which the next call goes; undefined where it is to go as a unary call. */
  next(): Carrier | undefined {
    const now = Date.now();
    const isBusy = now - this.calledMs < busyMs;
    this.calledMs = now;
    if (isBusy && now - this.resolvedMs >= resolveEveryMs) void this.resolve(now);
    for (let tried = 0; tried < this.ring.length; tried += 1) {
      this.turn = (this.turn + 1) % this.ring.length;
      const place = this.ring[this.turn] as Place;
      if (place.carrier?.isFree) return place.carrier;
      if (place.carrier !== undefined || now < place.notBeforeMs) {
        // Its share of the calls goes the way that its server knows.
        if (place.takesNone) return undefined;
        continue;
      }
      if (isBusy) void this.open(place);
    }
    return undefined;
  }

  /** Opens the streams before there are calls; answers how many there are. */
  async warm(): Promise<number> {
    await this.resolve(Date.now());
    await Promise.all(this.ring.map((place) => place.carrier ?? this.open(place)));
    return this.count;
  }

  close(): void {
    this.isClosed = true;
    for (const place of this.places.values()) this.leave(place);
    this.places.clear();
    this.ring = [];
  }

  private resolve(now: number): Promise<void> {
    this.resolvedMs = now;
    this.resolving ??= this.options
      .resolve()
      // Whoever cannot be found now stays where they were: a stream that works tells more than a name server that does not.
      .then(
        (addresses) => this.settleAt(addresses),
        () => undefined,
      )
      .finally(() => {
        this.resolving = undefined;
      });
    return this.resolving;
  }

  private settleAt(addresses: readonly string[]): void {
    if (this.isClosed) return;
    for (const [address, place] of this.places) {
      if (addresses.includes(address)) continue;
      this.places.delete(address);
      this.leave(place);
    }
    for (const address of addresses) {
      if (this.places.has(address)) continue;
      const client = new GrpcClient(address, credentials.createInsecure(), this.options.grpc);
      const rest = { isOpen: false, takesNone: false, notBeforeMs: 0, failures: 0 };
      this.places.set(address, { client, carrier: undefined, ...rest });
    }
    this.ring = [...this.places.values()];
  }

  /** Opens a stream; done when it is open or known not to be. */
  private async open(place: Place): Promise<void> {
    // Nobody else tries before this has had its time.
    place.notBeforeMs = Date.now() + maxBackoffMs;
    const { serviceToken } = this.options;
    const token = await serviceToken();
    if (this.isClosed) return;
    await new Promise<void>((resolve) => {
      const carrier: Carrier = new Carrier({
        client: place.client,
        serviceToken: token,
        opened: () => {
          Object.assign(place, { isOpen: true, takesNone: false, failures: 0 });
          resolve();
        },
        retired: (end) => {
          this.retired(place, end);
          resolve();
        },
      });
      place.carrier = carrier;
    });
  }

  private retired(place: Place, end: CarrierEnd | undefined): void {
    Object.assign(place, { carrier: undefined, isOpen: false });
    // Left because it was asked to: the same address may be opened anew at once, but there may be others by now.
    this.resolvedMs = Math.min(this.resolvedMs, Date.now() - resolveEveryMs + minBackoffMs);
    place.takesNone = end === "unknown";
    place.failures += end === undefined ? 0 : 1;
    const backoffMs = Math.min(maxBackoffMs, minBackoffMs * 2 ** (place.failures - 1));
    const waitMs = end === undefined ? 0 : end === "unknown" ? unknownMs : backoffMs;
    place.notBeforeMs = Date.now() + waitMs;
  }

  private leave(place: Place): void {
    place.carrier?.retire();
    place.client.close();
  }
}
