import { ModelError, toModelError } from "../../errors/index.ts";
import { tooLarge } from "../invalid-answer.ts";
import { defaultLimits } from "../limits.ts";
import { decodeBody } from "./decode-body.ts";
import { dispatcherKey, loadDispatcher, type DispatcherHolder } from "./global-dispatcher.ts";
import type { Endpoint, HttpRequest, HttpResponse, Packets } from "./http.ts";
import { postByFetch } from "./post-by-fetch.ts";
import { continuing, failedForContinue, postByNode } from "./post-by-node.ts";
import { notModified, redirectError } from "./redirect.ts";

/**
 * Sends one request; a `GET` has no body. The caller sets time limits with the signal.
 *
 * @throws {ModelError} `connection_error` if there is no response, `aborted` after an abort, and
 * `invalid_response_error` for a redirect: keys and prompts are not sent to another address
 */
export async function post(
  endpoint: Endpoint,
  body: string | Buffer | null,
  headers: Readonly<Record<string, string>> | undefined,
  signal: AbortSignal,
): Promise<HttpResponse> {
  const { url, headers: always, fetch, limits = defaultLimits } = endpoint;
  const method = body === null ? "GET" : "POST";
  const all = headers ? { ...always, ...headers } : always;
  const request = { method, url, headers: all, body, signal } as const;
  let response: HttpResponse;
  try {
    if (fetch) response = await postByFetch(fetch, request);
    else if (continuing.size > 0 && continuing.has(new URL(url).origin))
      response = await postByNode(request);
    else response = await postByUndici(endpoint, request, limits.answer);
    const encoding = fetch ? undefined : response.header("content-encoding");
    if (encoding) response = { ...response, packets: decodeBody(response.packets, encoding) };
  } catch (error) {
    if (fetch || !failedForContinue(error, url)) throw connectionError(error, signal);
    return post({ url, headers: always, limits }, body, headers, signal);
  }
  if (response.status < 300 || response.status > 399) return response;
  await response.packets.cancel();
  if (response.status === 304) throw notModified(url);
  throw redirectError(url, response.status, response.header("location"));
}

/** The parts of the URL of each endpoint: parsing it takes longer than the rest of a request here. */
const addresses = new WeakMap<Endpoint, { readonly origin: string; readonly path: string }>();

/**
 * Sends a request over the connections of the global `fetch`; resolves at the headers of the answer. It reads the
 * answer without undici's `request()`, whose streams cost more than the rest of a short answer.
 *
 * @param maxBytes - The bytes of an answer. No more wait for their reader, except for a margin.
 */
async function postByUndici(
  endpoint: Endpoint,
  { method, url, headers, body, signal }: HttpRequest,
  maxBytes: number,
): Promise<HttpResponse> {
  signal.throwIfAborted();
  let address = addresses.get(endpoint);
  if (!address) {
    const { origin, pathname, search } = new URL(url);
    addresses.set(endpoint, (address = { origin, path: pathname + search }));
  }
  const { origin, path } = address;
  const { [dispatcherKey]: shared = loadDispatcher() } = globalThis as DispatcherHolder;
  const options = { origin, path, method, headers, body, headersTimeout: 0, bodyTimeout: 0 };
  const exchange = new UndiciExchange(signal, maxBytes);
  try {
    shared.dispatch(options, exchange);
  } catch (error) {
    // Some dispatchers throw their error, such as undici's ProxyAgent for the header Proxy-Authorization.
    exchange.onError(error);
  }
  return exchange.response.promise;
}

/** Packets that wait are joined when there are this many, because each one takes a hundred bytes more than its data. */
const maxJoinedPackets = 1024;
/** The number of their bytes from which they are joined. */
const maxJoined = 64 * 2 ** 10;
/** Bytes that may wait beyond the limit of an answer. The reader counts the bytes too, and its error says more. */
const marginBytes = 2 ** 20;

/**
 * One request by undici: handles its events, and keeps the packets of its response for their reader.
 *
 * undici calls `onConnect`, then `onHeaders`, then `onData` for each packet, then `onComplete`. It may call `onError`
 * at any time, instead of what would follow. The exchange is over after `onComplete` or `onError`; an abort, `cancel()`
 * and an answer that is too large end it earlier. Packets that have arrived can still be read after `onComplete` and
 * `onError`.
 *
 * It never pauses a connection: where the server closes one whose parser is paused, undici 7 ends the process.
 * Source: https://github.com/nodejs/undici/issues/5360
 */
class UndiciExchange implements Packets {
  /** Resolves at the headers of the answer; rejects if the exchange is over before. */
  readonly response = Promise.withResolvers<HttpResponse>();
  readonly #signal: AbortSignal;
  readonly #maxBytes: number;
  /** Packets that have arrived and are not read: joined ones, and the latest, which are not joined yet. */
  readonly #joined: Buffer[] = [];
  #joinedBytes = 0;
  readonly #latest: Buffer[] = [];
  #latestBytes = 0;
  #isOver = false;
  /** Thrown by the reads after the last packet, if the exchange did not end with `onComplete`. */
  #failure: unknown;
  /** Closes the connection. */
  #close: (() => void) | undefined;
  /** Continues the read that waits for a packet or for the end. */
  #wake: (() => void) | undefined;

  constructor(signal: AbortSignal, maxBytes: number) {
    this.#signal = signal;
    this.#maxBytes = maxBytes;
    signal.addEventListener("abort", this.#abort, { once: true });
  }

  async read(): Promise<Buffer | undefined> {
    const latest = this.#latest;
    for (;;) {
      let packet = this.#joined.shift();
      if (packet) {
        this.#joinedBytes -= packet.byteLength;
        return packet;
      }
      packet = latest.length > 1 ? Buffer.concat(latest, this.#latestBytes) : latest[0];
      if (packet) {
        latest.length = 0;
        this.#latestBytes = 0;
        return packet;
      }
      if (this.#failure !== undefined) throw this.#failure;
      if (this.#isOver) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  async cancel(): Promise<void> {
    this.#leave(undefined);
  }

  onConnect(close: () => void): void {
    this.#close = close;
    if (this.#isOver) close();
  }

  onHeaders(status: number, raw: readonly Buffer[]): boolean {
    const header = headerOf.bind(undefined, raw);
    // 1xx is no answer: the headers of the answer follow.
    if (status >= 200) this.response.resolve({ status, header, packets: this });
    return true;
  }

  onData(packet: Buffer): boolean {
    // A dispatcher may continue after an abort.
    if (this.#isOver) return true;
    const latest = this.#latest;
    latest.push(packet);
    this.#latestBytes += packet.byteLength;
    if (latest.length === maxJoinedPackets || this.#latestBytes >= maxJoined) {
      this.#joined.push(latest.length > 1 ? Buffer.concat(latest, this.#latestBytes) : packet);
      this.#joinedBytes += this.#latestBytes;
      latest.length = 0;
      this.#latestBytes = 0;
    }
    if (this.#joinedBytes + this.#latestBytes > this.#maxBytes + marginBytes) {
      this.#leave(tooLarge("ANSWER", this.#maxBytes));
    }
    this.#wake?.();
    return true;
  }

  onComplete(): void {
    this.#isOver = true;
    this.#signal.removeEventListener("abort", this.#abort);
    this.#wake?.();
  }

  onError(error: unknown): void {
    if (this.#isOver) return;
    this.#failure = error;
    // If there is a response already, its reader gets the error.
    this.response.reject(error);
    this.onComplete();
  }

  /** Ends the exchange, and closes its connection. Packets that are not read are dropped. */
  #leave(reason: unknown): void {
    if (this.#isOver) return;
    this.#joined.length = 0;
    this.#latest.length = 0;
    this.onError(reason);
    this.#close?.();
  }

  readonly #abort = (): void => this.#leave(this.#signal.reason);
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

function connectionError(error: unknown, signal: AbortSignal): ModelError {
  if (signal.aborted) {
    return new ModelError("The request was aborted", { kind: "aborted" }, { cause: signal.reason });
  }
  const known = toModelError(error);
  if (known.kind !== "unknown_error" || known.details.isFinal) return known;
  return new ModelError(known.message, { kind: "connection_error" }, { cause: error });
}
