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

/** Packets that wait are joined when there are this many, because each one takes a hundred bytes more than its data. */
const maxJoinedPackets = 1024;
/** The number of their bytes from which they are joined. */
const maxJoined = 64 * 2 ** 10;
/** Bytes that may wait beyond the limit of an answer. The reader counts the bytes too, and its error says more. */
const marginBytes = 2 ** 20;

/** The parts of the URL of each endpoint: parsing it takes longer than the rest of a request here. */
const addresses = new WeakMap<Endpoint, { readonly origin: string; readonly path: string }>();

/**
 * Sends a request over the connections of the global `fetch`; resolves at the headers of the answer. It reads the
 * answer without undici's `request()`, whose streams cost more than the rest of a short answer.
 *
 * It never pauses a connection: where the server closes one whose parser is paused, undici 7 ends the process.
 * Source: https://github.com/nodejs/undici/issues/5360
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
  const response = Promise.withResolvers<HttpResponse>();
  // What has arrived and is not read: joined packets, and the latest, which are not joined yet.
  const waiting: Buffer[] = [];
  let waitingBytes = 0;
  const latest: Buffer[] = [];
  let latestBytes = 0;
  let isComplete = false;
  let failure: unknown;
  let close: (() => void) | undefined;
  let wake: (() => void) | undefined;

  const packets: Packets = {
    async read() {
      for (;;) {
        let packet = waiting.shift();
        if (packet) {
          waitingBytes -= packet.byteLength;
          return packet;
        }
        packet = latest.length > 1 ? Buffer.concat(latest, latestBytes) : latest[0];
        if (packet) {
          latest.length = 0;
          latestBytes = 0;
          return packet;
        }
        if (failure !== undefined) throw failure;
        if (isComplete) return undefined;
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
      }
    },
    cancel: async () => leave(undefined),
  };
  const onComplete = (): void => {
    isComplete = true;
    signal.removeEventListener("abort", abort);
    wake?.();
  };
  const onError = (error: unknown): void => {
    if (isComplete) return;
    failure = error;
    // Once there is a response, its reader gets the error.
    response.reject(error);
    onComplete();
  };
  /** Closes the connection. What has arrived, and is not read, is dropped. */
  const leave = (reason: unknown): void => {
    if (isComplete) return;
    waiting.length = 0;
    latest.length = 0;
    onError(reason);
    close?.();
  };
  const abort = (): void => leave(signal.reason);
  signal.addEventListener("abort", abort, { once: true });

  const { [dispatcherKey]: shared = loadDispatcher() } = globalThis as DispatcherHolder;
  const options = { origin, path, method, headers, body, headersTimeout: 0, bodyTimeout: 0 };
  try {
    shared.dispatch(options, {
      onConnect(abortRequest) {
        close = abortRequest;
        if (isComplete) close();
      },
      onHeaders(status, raw) {
        const header = headerOf.bind(undefined, raw);
        // 1xx is no answer: the headers of the answer follow.
        if (status >= 200) response.resolve({ status, header, packets });
        return true;
      },
      onData(packet) {
        // A dispatcher may continue after an abort.
        if (isComplete) return true;
        latest.push(packet);
        latestBytes += packet.byteLength;
        if (latest.length === maxJoinedPackets || latestBytes >= maxJoined) {
          waiting.push(latest.length > 1 ? Buffer.concat(latest, latestBytes) : packet);
          waitingBytes += latestBytes;
          latest.length = 0;
          latestBytes = 0;
        }
        if (waitingBytes + latestBytes > maxBytes + marginBytes) {
          leave(tooLarge("ANSWER", maxBytes));
        }
        wake?.();
        return true;
      },
      onComplete,
      onError,
    });
  } catch (error) {
    // Some dispatchers throw their error, such as undici's ProxyAgent for the header Proxy-Authorization.
    onError(error);
  }
  return response.promise;
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
