import type { Dispatcher } from "undici";
import { dispatcherKey, loadDispatcher, type DispatcherHolder } from "./global-dispatcher.ts";
import type { Endpoint, HttpRequest, HttpResponse, Packets } from "./http.ts";
import { tooLarge } from "./invalid-answer.ts";

/** The parts of the address of each endpoint: to parse it takes longer than the rest of a request here. */
const addresses = new WeakMap<Endpoint, { readonly origin: string; readonly path: string }>();

/** The origin of an endpoint, and what is asked of it. */
export function addressOf(endpoint: Endpoint): { readonly origin: string; readonly path: string } {
  let address = addresses.get(endpoint);
  if (!address) {
    const { origin, pathname, search } = new URL(endpoint.url);
    addresses.set(endpoint, (address = { origin, path: pathname + search }));
  }
  return address;
}

/**
 * Sends a request by the dispatcher of the process; resolves at the headers of the answer.
 *
 * @param maxBytes - How much of a body may wait for its reader.
 */
export function postByUndici(
  endpoint: Endpoint,
  { method, headers, body, signal }: HttpRequest,
  maxBytes: number,
): Promise<HttpResponse> {
  signal.throwIfAborted();
  const dispatcher = (globalThis as DispatcherHolder)[dispatcherKey] ?? loadDispatcher();
  const timeouts = { headersTimeout: 0, bodyTimeout: 0 };
  const exchange = new Exchange(signal, maxBytes);
  try {
    dispatcher.dispatch({ ...addressOf(endpoint), method, headers, body, ...timeouts }, exchange);
  } catch (error) {
    exchange.onError(error);
  }
  return exchange.response;
}

/** Bytes that are read at once: all that waits may be megabytes, which would be copied together. */
const maxPacket = 64 * 2 ** 10;

/**
 * One request and its answer. undici's own `request()` makes a stream of Node.js for each answer, which costs
 * more than all the rest of a short one.
 *
 * It never pauses the connection: where a server closes one whose parser is paused, undici 7 ends the process.
 * Source: https://github.com/nodejs/undici/issues/5360
 */
class Exchange implements Dispatcher.DispatchHandler, Packets {
  readonly #signal: AbortSignal;
  readonly #maxBytes: number;
  readonly #headers = Promise.withResolvers<HttpResponse>();
  readonly response: Promise<HttpResponse> = this.#headers.promise;
  #close: ((error: Error) => void) | undefined;
  #waiting: Buffer[] = [];
  #waitingBytes = 0;
  #isOver = false;
  #error: unknown;
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal, maxBytes: number) {
    this.#signal = signal;
    this.#maxBytes = maxBytes;
    signal.addEventListener("abort", this.#abort, { once: true });
  }

  onConnect(close: (error: Error) => void): void {
    if (this.#isOver) close(closed());
    else this.#close = close;
  }

  onHeaders(status: number, headers: readonly Buffer[]): boolean {
    if (status < 200) return true;
    const header = (name: string) => valueOf(headers, name);
    this.#headers.resolve({ status, header, packets: this });
    return true;
  }

  onData(packet: Buffer): boolean {
    this.#waiting.push(packet);
    this.#waitingBytes += packet.byteLength;
    if (this.#waitingBytes > this.#maxBytes) this.#leave(tooLarge("ANSWER", this.#maxBytes));
    this.#wake?.();
    return true;
  }

  onComplete(): void {
    this.#end();
  }

  onError(error: unknown): void {
    this.#end(error);
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      this.#signal.throwIfAborted();
      const packet = this.#take();
      if (packet) return packet;
      if (this.#error !== undefined) throw this.#error;
      if (this.#isOver) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  async cancel(): Promise<void> {
    this.#leave();
  }

  /** What has arrived since the last packet, as one. */
  #take(): Buffer | undefined {
    const waiting = this.#waiting;
    let count = 0;
    let bytes = 0;
    while (count < waiting.length && bytes < maxPacket) {
      bytes += (waiting[count] as Buffer).byteLength;
      count += 1;
    }
    this.#waitingBytes -= bytes;
    if (count < 2) return waiting.shift();
    return Buffer.concat(waiting.splice(0, count), bytes);
  }

  readonly #abort = (): void => this.#leave(this.#signal.reason);

  /** Ends the exchange before its end; what has arrived is of no use. */
  #leave(error?: unknown): void {
    this.#waiting = [];
    this.#waitingBytes = 0;
    if (this.#isOver) return;
    this.#end(error);
    this.#close?.(closed());
  }

  #end(error?: unknown): void {
    if (this.#isOver) return;
    this.#isOver = true;
    this.#error = error;
    this.#signal.removeEventListener("abort", this.#abort);
    if (error !== undefined) this.#headers.reject(error);
    this.#wake?.();
  }
}

/** What undici closes a connection with. */
function closed(): Error {
  return new Error("The request was closed");
}

/** The value of a header, those of one that came several times with commas between. */
function valueOf(headers: readonly Buffer[], name: string): string | undefined {
  let found: string | undefined;
  for (let at = 0; at < headers.length; at += 2) {
    const given = headers[at];
    // To make a text of each name takes longer than all else here.
    if (given?.length !== name.length || given.toString("latin1").toLowerCase() !== name) continue;
    const value = [headers[at + 1]]
      .flat()
      .map((each) => each?.toString("latin1"))
      .join();
    found = found === undefined ? value : `${found},${value}`;
  }
  return found;
}
