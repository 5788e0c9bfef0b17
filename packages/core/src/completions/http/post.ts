import { ModelError, toModelError } from "../../errors/index.ts";
import { compressedStarts, decodeBody, decompress } from "./decode-body.ts";
import type { Endpoint, HttpResponse, HttpRequest } from "./http.ts";
import { defaultLimits, type ResponseLimits } from "../limits.ts";
import { postByFetch } from "./post-by-fetch.ts";
import { continuing, failedForContinue, postByNode } from "./post-by-node.ts";
import { postByUndici } from "./post-by-undici.ts";
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
    response = await (fetch ? postByFetch(fetch, request) : postByOwn(endpoint, request, limits));
  } catch (error) {
    if (fetch || !failedForContinue(error, url)) throw connectionError(error, signal);
    return post({ url, headers: always, limits }, body, headers, signal);
  }
  if (response.status < 300 || response.status > 399) return response;
  await response.packets.cancel();
  if (response.status === 304) throw notModified(url);
  throw redirectError(url, response.status, response.header("location"));
}

/** By undici; by Node.js itself to servers that undici refuses. */
async function postByOwn(
  endpoint: Endpoint,
  request: HttpRequest,
  { answer }: ResponseLimits,
): Promise<HttpResponse> {
  const response = continuing.has(request.url)
    ? await postByNode(request)
    : await postByUndici(endpoint, request, answer);
  const encoding = response.header("content-encoding");
  if (!encoding) return response;
  return { ...response, packets: decodeBody(response.packets, encoding) };
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
