import type { Dispatcher } from "undici";
import { tooLarge } from "../invalid-answer.ts";
import { globalDispatcher } from "./global-dispatcher.ts";
import type { HttpRequest, HttpResponse, Packets } from "./http.ts";

/** Bytes of packets that are joined. */
const maxJoined = 64 * 2 ** 10;

/** The parts of each URL: parsing it takes longer than the rest of a request here. */
const addresses = new WeakMap<object, { readonly origin: string; readonly path: string }>();

/**
 * Sends a request over the connections of the global `fetch`.
 *
 * @param owner - The object that has the URL, to parse it once.
 * @param maxBytes - The bytes that may wait for the reader of the response.
 * @throws the signal's reason after an abort, at once
 */
export function postByUndici(
  owner: object,
  { method, url, headers, body, signal }: HttpRequest,
  maxBytes: number,
): Promise<HttpResponse> {
  let address = addresses.get(owner);
  if (!address) {
    const { origin, pathname, search } = new URL(url);
    addresses.set(owner, (address = { origin, path: pathname + search }));
  }
  const { origin, path } = address;
  const exchange = new Exchange(signal, maxBytes);
  globalDispatcher().dispatch(
    { origin, path, method, headers, body, headersTimeout: 0, bodyTimeout: 0 },
    exchange,
  );
  return exchange.response;
}

/**
 * One request and its response, as undici's dispatchers call it. It never pauses the connection: where the server
 * closes a connection whose parser is paused, undici 7 ends the process.
 *
 * undici's own `request()` makes a stream and a promise for each body, which cost more than the rest of a short answer.
 *
 * Source: https://github.com/nodejs/undici/issues/5360
 */
class Exchange implements Dispatcher.DispatchHandler, Packets {
  readonly #signal: AbortSignal;
  readonly #maxBytes: number;
  readonly #responding = Promise.withResolvers<HttpResponse>();
  readonly #packets: Buffer[] = [];
  #waitingBytes = 0;
  #isComplete = false;
  #error: unknown;
  #close: ((error?: Error) => void) | undefined;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal, maxBytes: number) {
    signal.throwIfAborted();
    this.#signal = signal;
    this.#maxBytes = maxBytes;
    signal.addEventListener("abort", this.#abort, { once: true });
  }

  /** Resolves at the headers. */
  get response(): Promise<HttpResponse> {
    return this.#responding.promise;
  }

  async read(): Promise<Uint8Array | undefined> {
    while (this.#packets.length === 0 && !this.#isComplete) {
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
    const packet = this.#take();
    if (!packet && this.#error !== undefined) throw this.#error;
    return packet;
  }

  /** Small packets that wait are read together. */
  #take(): Buffer | undefined {
    const isSmall = this.#packets.length > 1 && this.#waitingBytes <= maxJoined;
    const packet = isSmall
      ? Buffer.concat(this.#packets.splice(0), this.#waitingBytes)
      : this.#packets.shift();
    if (packet) this.#waitingBytes -= packet.byteLength;
    return packet;
  }

  async cancel(): Promise<void> {
    this.#leave(undefined);
  }

  onConnect(close: (error?: Error) => void): void {
    if (this.#isComplete) close();
    else this.#close = close;
  }

  onHeaders(status: number, headers: Buffer[]): boolean {
    // 1xx is no answer: the headers of the answer follow.
    if (status >= 200) {
      const header = (name: string) => headerOf(headers, name);
      this.#responding.resolve({ status, header, packets: this });
    }
    return true;
  }

  onData(packet: Buffer): boolean {
    this.#waitingBytes += packet.byteLength;
    if (this.#waitingBytes > this.#maxBytes) this.#leave(tooLarge("ANSWER", this.#maxBytes));
    else this.#packets.push(packet);
    this.#wake?.();
    return true;
  }

  onComplete(): void {
    this.#end(undefined);
  }

  onError(error: Error): void {
    this.#end(error);
  }

  readonly #abort = (): void => this.#leave(this.#signal.reason);

  /** Closes the connection. What has arrived, and is not read, is dropped. */
  #leave(reason: unknown): void {
    if (this.#isComplete) return;
    this.#packets.length = 0;
    this.#waitingBytes = 0;
    this.#end(reason);
    this.#close?.();
  }

  #end(error: unknown): void {
    if (this.#isComplete) return;
    this.#isComplete = true;
    this.#error = error;
    this.#signal.removeEventListener("abort", this.#abort);
    // Once there is a response, its reader gets the error.
    if (error !== undefined) this.#responding.reject(error);
    this.#wake?.();
  }
}

/** The value of a header; the values of several with the same name, separated by commas. */
function headerOf(raw: readonly Buffer[], name: string): string | undefined {
  let found: string | undefined;
  for (let index = 0; index < raw.length; index += 2) {
    if (raw[index]?.byteLength !== name.length) continue;
    if (raw[index]?.toString("latin1").toLowerCase() !== name) continue;
    const value = raw[index + 1]?.toString() ?? "";
    found = found === undefined ? value : `${found},${value}`;
  }
  return found;
}
