import { batchBytes, type Framed, partBytes } from "./frames.ts";

/** What any frame's head says. */
interface Head {
  number: number;
  bytes: number;
  more?: true | undefined;
}

export interface FrameQueueOptions<H> {
  /** Sends frames as one message, and calls back when there is room for the next. */
  send(frames: readonly Framed<H>[], sent: () => void): void;
}

/**
 * Frames that wait to be sent. Whatever comes up within a turn of the event loop goes as one message, and what comes up while
 * that is being written, as the next: the busier the stream, the more a message holds. A large body is sent in parts; each of
 * them waits for its turn again, so that small ones pass it.
 */
export class FrameQueue<H extends Head> {
  private readonly options: FrameQueueOptions<H>;
  private frames: Framed<H>[] = [];
  private isBusy = false;
  private isDue = false;
  private queuedBytes = 0;

  constructor(options: FrameQueueOptions<H>) {
    this.options = options;
  }

  /** How much waits. */
  get bytes(): number {
    return this.queuedBytes;
  }

  get isEmpty(): boolean {
    return this.frames.length === 0;
  }

  /** Nothing waits, and nothing is being written. */
  get isIdle(): boolean {
    return !this.isBusy && this.isEmpty;
  }

  add(frame: Framed<H>): void {
    this.frames.push(frame);
    this.queuedBytes += frame.body.length;
    this.wake();
  }

  /** Sends a message soon, even one without any frame. */
  wake(): void {
    this.isDue = true;
    if (this.isBusy) return;
    this.isBusy = true;
    setImmediate(this.flush);
  }

  private readonly flush = (): void => {
    this.isDue = false;
    this.options.send(this.take(), () => {
      this.isBusy = false;
      if (this.isDue || this.frames.length > 0) this.wake();
    });
  };

  /** The next frames, in order, up to the size of a batch. */
  private take(): Framed<H>[] {
    const waiting = this.frames;
    const taken: Framed<H>[] = [];
    const rests: Framed<H>[] = [];
    let size = 0;
    let count = 0;
    while (count < waiting.length && size < batchBytes) {
      const frame = waiting[count] as Framed<H>;
      const part = firstPart(frame);
      taken.push(part);
      if (part !== frame) rests.push(restOf(frame));
      size += part.body.length + frameBytes;
      this.queuedBytes -= part.body.length;
      count += 1;
    }
    this.frames = count === waiting.length ? rests : [...waiting.slice(count), ...rests];
    return taken;
  }
}

/** About what a head takes; so a message holds a bounded number of frames. */
const frameBytes = 256;

function firstPart<H extends Head>(frame: Framed<H>): Framed<H> {
  if (frame.body.length <= partBytes) return frame;
  return { head: { ...frame.head, bytes: partBytes, more: true }, body: frame.body.subarray(0, partBytes) };
}

function restOf<H extends Head>({ head, body }: Framed<H>): Framed<H> {
  const rest = body.subarray(partBytes);
  return { head: { ...head, bytes: rest.length }, body: rest };
}
