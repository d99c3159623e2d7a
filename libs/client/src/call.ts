// What a caller may say about a client and about one call.

export interface ClientOptions {
  /** The platform's origin: https://partake.example. */
  origin: string;
  /** Another `fetch`, for tests and special networks. */
  fetch?: typeof globalThis.fetch;
  /** A bearer token; a browser whose session the gateway holds has none. Asked before each call, so it should be kept; with `refresh` the one it gave does not count any more. */
  token?: (options: { refresh: boolean }) => Promise<string> | string;
  /** More headers for every call. */
  headers?: () => Readonly<Record<string, string>>;
  /** Of a call with all its attempts, where the call says nothing else; 30 s. */
  timeoutMs?: number;
  /** Further attempts of a call that may be repeated; 3. */
  retries?: number;
  /** From 0 up to 1: spreads attempts over time. */
  random?: () => number;
  /** Waits, or rejects when the signal aborts. */
  wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

export interface CallOptions {
  /** Of a POST. Made anew for each call if absent; give the same one to repeat a call whose answer was lost. */
  idempotencyKey?: string | undefined;
  /** Of a PATCH, PUT or DELETE: the version, or ETag, of the resource as it was read. */
  ifMatch?: number | string | undefined;
  signal?: AbortSignal | undefined;
  /** Of the call with all its attempts. Streams of events have none. */
  timeoutMs?: number | undefined;
  /** Of a stream of events: the id after which it begins. */
  lastEventId?: string | undefined;
}

/** Of a PATCH, PUT or DELETE, which never happens without the version that it is about. */
export interface ConditionalCallOptions extends CallOptions {
  ifMatch: number | string;
}

export interface FileToUpload {
  /** Sent as it is. A stream is sent once and never again, so its upload is not repeated. */
  body: Blob | Uint8Array<ArrayBuffer> | ReadableStream<Uint8Array>;
  name: string;
  /** Its media type: image/jpeg. A blob's own type if absent. */
  mediaType?: string;
}

export interface DownloadedFile {
  /** Undefined where the answer names none. */
  name: string | undefined;
  mediaType: string;
  /** Bytes; undefined where the answer does not say. */
  size: number | undefined;
  body: ReadableStream<Uint8Array>;
  /** Reads the body whole. */
  blob(): Promise<Blob>;
}
