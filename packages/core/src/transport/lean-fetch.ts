import type { Readable } from "node:stream";
import { request } from "undici";

/**
 * A `fetch` for short requests whose answers are read as they come. It does what of the standard
 * this transport uses, over undici's `request()`, at a third of what Node's own `fetch` costs; both
 * share connections, and so a proxy that is set for one serves the other.
 *
 * Time limits are the caller's, by the signal.
 */
export const leanFetch: typeof fetch = async (input, init = {}) => {
  const { method = "GET", headers, body = null, signal = null } = init;
  if (typeof input !== "string" || !isPlain(body)) return fetch(input, init);
  const response = await request(input, {
    method,
    headers: plain(headers),
    body,
    signal,
    headersTimeout: 0,
    bodyTimeout: 0,
  });
  const { statusCode } = response;
  if (isRedirect(statusCode)) {
    await response.body.dump();
    return fetch(input, init);
  }
  return new LeanResponse(
    input,
    statusCode,
    response.headers,
    response.body,
  ) as unknown as Response;
};

/** What of a `Response` is used. */
class LeanResponse {
  readonly url: string;
  readonly status: number;
  readonly ok: boolean;
  readonly statusText = "";
  readonly headers: LeanHeaders;
  readonly body: Readable;

  constructor(url: string, status: number, headers: IncomingHeaders, body: Readable) {
    this.url = url;
    this.status = status;
    this.ok = status >= 200 && status <= 299;
    this.headers = new LeanHeaders(headers);
    this.body = body;
  }

  async text(): Promise<string> {
    const packets: Buffer[] = [];
    for await (const packet of this.body) packets.push(packet as Buffer);
    return new TextDecoder().decode(Buffer.concat(packets));
  }

  async json(): Promise<unknown> {
    return JSON.parse(await this.text());
  }
}

type IncomingHeaders = Readonly<Record<string, string | string[] | undefined>>;

/** What of `Headers` is used: to make one of all that a server sends takes long. */
class LeanHeaders {
  readonly #incoming: IncomingHeaders;

  constructor(incoming: IncomingHeaders) {
    this.#incoming = incoming;
  }

  get(name: string): string | null {
    const value = this.#incoming[name.toLowerCase()] ?? null;
    return Array.isArray(value) ? value.join(", ") : value;
  }
}

function plain(headers: RequestInit["headers"] = {}): Record<string, string> {
  if (headers instanceof Headers || Array.isArray(headers)) {
    return Object.fromEntries(new Headers(headers));
  }
  return headers as Record<string, string>;
}

function isPlain(body: RequestInit["body"]): body is string | null {
  return body === null || typeof body === "string";
}

/** Few servers redirect; what to do with a body then is the standard's business. */
function isRedirect(status: number): boolean {
  return status >= 300 && status <= 399;
}
