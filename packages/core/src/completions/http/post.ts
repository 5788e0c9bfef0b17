import type { Readable } from "node:stream";
import { ModelError, toModelError } from "../../errors/index.ts";
import { compressedStarts, decodeBody, decompress } from "./decode-body.ts";
import {
  dispatcherKey,
  loadDispatcher,
  type DispatcherHolder,
  type RequestDispatcher,
} from "./global-dispatcher.ts";
import type { Endpoint, HttpResponse, Packets, HttpRequest } from "./http.ts";
import { tooLarge } from "../invalid-answer.ts";
import { defaultLimits } from "../limits.ts";
import { postByFetch } from "./post-by-fetch.ts";
import { continuing, failedForContinue, requestByNode } from "./post-by-node.ts";
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
    response = fetch
      ? await postByFetch(fetch, request)
      : await postByUndici(endpoint, request, limits.answer);
  } catch (error) {
    if (fetch || !failedForContinue(error, url)) throw connectionError(error, signal);
    return post({ url, headers: always, limits }, body, headers, signal);
  }
  if (response.status < 300 || response.status > 399) return response;
  await response.packets.cancel();
  if (response.status === 304) throw notModified(url);
  throw redirectError(url, response.status, response.header("location"));
}

/**
 * Bytes that undici buffers beyond {@link ResponseLimits.answer}. It must never pause: where the server
 * closes a connection whose parser is paused, undici 7 ends the process.
 *
 * Source: https://github.com/nodejs/undici/issues/5360
 */
const marginBytes = 64 * 2 ** 20;

/** The parts of the URL of each endpoint: parsing it takes longer than the rest of a request here. */
const addresses = new WeakMap<Endpoint, { readonly origin: string; readonly path: string }>();

async function postByUndici(
  endpoint: Endpoint,
  request: HttpRequest,
  maxBytes: number,
): Promise<HttpResponse> {
  const { method, headers, body, signal } = request;
  let address = addresses.get(endpoint);
  if (!address) {
    const { origin, pathname, search } = new URL(endpoint.url);
    addresses.set(endpoint, (address = { origin, path: pathname + search }));
  }
  const { origin, path } = address;
  const shared = (globalThis as DispatcherHolder)[dispatcherKey];
  const dispatcher = shared?.request ? (shared as RequestDispatcher) : loadDispatcher();
  const response = continuing.has(origin)
    ? await requestByNode(request)
    : await dispatcher.request({
        origin,
        path,
        method,
        headers,
        body,
        signal,
        headersTimeout: 0,
        bodyTimeout: 0,
        highWaterMark: maxBytes + marginBytes,
      });
  const header = (name: string) => response.headers[name]?.toString();
  const encoding = response.headers["content-encoding"];
  const decoded = encoding ? decodeBody(response.body, String(encoding)) : response.body;
  return {
    status: response.statusCode,
    header,
    packets: new NodePackets(decoded, response.body, maxBytes),
  };
}

const maxPacket = 64 * 2 ** 10;

/** Reads without an iterator: the stream's own iterator costs more than all the rest of a short answer. */
class NodePackets implements Packets {
  readonly #body: Readable;
  #error: Error | undefined;
  #wake: (() => void) | undefined;

  /** @param received - Data that is not decoded yet, of which `maxBytes` may wait for their reader. */
  constructor(body: Readable, received: Readable, maxBytes: number) {
    this.#body = body;
    const wake = () => {
      if (received.readableLength > maxBytes) body.destroy(tooLarge("ANSWER", maxBytes));
      this.#wake?.();
    };
    body.on("readable", wake).on("end", wake).on("close", wake);
    body.on("error", (error) => {
      this.#error ??= error;
      this.#wake?.();
    });
  }

  async read(): Promise<Uint8Array | undefined> {
    for (;;) {
      // All waiting data may be megabytes, which would be copied together.
      const isLarge = this.#body.readableLength > maxPacket;
      const packet = this.#body.read(isLarge ? maxPacket : undefined) as Uint8Array | null;
      if (packet) return packet;
      if (this.#error) throw this.#error;
      if (this.#body.readableEnded || this.#body.destroyed) return undefined;
      const { promise, resolve } = Promise.withResolvers<void>();
      this.#wake = resolve;
      await promise;
    }
  }

  async cancel(): Promise<void> {
    this.#body.destroy();
  }
}

function connectionError(error: unknown, signal: AbortSignal): ModelError {
  if (signal.aborted) {
    return new ModelError("The request was aborted", { kind: "aborted" }, { cause: signal.reason });
  }
  const known = toModelError(error);
  if (known.kind !== "unknown_error" || known.details.isFinal) return known;
  return new ModelError(known.message, { kind: "connection_error" }, { cause: error });
}

/** Reads the first bytes of an error's body. */
export async function readErrorText(
  { packets: given }: HttpResponse,
  maxBytes: number,
): Promise<string> {
  let packets = given;
  const decoder = new TextDecoder();
  let text = "";
  let bytes = 0;
  try {
    for (;;) {
      let packet = await packets.read();
      if (!packet) return text + decoder.decode();
      if (bytes === 0 && compressedStarts.has(packet[0])) {
        [packet, packets] = await decompress(packet, packets);
      }
      bytes += packet.byteLength;
      const excess = Math.max(0, bytes - maxBytes);
      text += decoder.decode(packet.subarray(0, packet.byteLength - excess), { stream: true });
      if (excess > 0) break;
    }
  } catch {
    // The status is sufficient, even if its explanation is cut off.
  }
  await packets.cancel();
  return text;
}
