import { errorOf } from "../../errors/error-of.ts";
import { ModelError } from "../../errors/index.ts";
import { unlessAborted } from "../../resilience/index.ts";
import { redirectError } from "./redirect.ts";
import type { HttpResponse, Packets, HttpRequest } from "./http.ts";

/**
 * Sends a request by the user's own `fetch`, which may ignore the signal, and follow redirects although
 * the request forbids it.
 */
export async function postByFetch(
  send: typeof fetch,
  { method, url, headers, body: json, signal: given }: HttpRequest,
): Promise<HttpResponse> {
  given.throwIfAborted();
  // Users' functions may inspect the body: they always get the same type.
  const body = json === null ? null : json.toString();
  // Node's own fetch keeps its listener on its signal, which may outlive the request: it gets another one.
  const stop = new AbortController();
  const { signal } = stop;
  const abort = () => stop.abort(given.reason);
  const unhook = () => given.removeEventListener("abort", abort);
  given.addEventListener("abort", abort, { once: true });
  const sent = (async () => send(url, { method, headers, body, signal, redirect: "manual" }))();
  const response = await unlessAborted(sent, signal).catch((error: unknown) => {
    unhook();
    // A response that arrives after the abort would keep its connection.
    void sent.then((late) => late.body?.cancel()).catch(() => undefined);
    throw signal.aborted ? error : errorOf(error, "The fetch function (options.fetch)");
  });
  const problem = problemOf(response);
  if (problem) {
    unhook();
    throw new ModelError(
      `The fetch function (options.fetch) returned ${problem}: expected a Response, as the global fetch returns it`,
      { kind: "unknown_error", isFinal: true },
    );
  }
  if (response.redirected || response.type === "opaqueredirect") {
    unhook();
    await response.body?.cancel();
    throw redirectError(url, response.status, response.url || undefined);
  }
  const header = (name: string) => response.headers.get(name) ?? undefined;
  if (response.body) {
    const packets = new WebPackets(response.body, signal, unhook);
    return { status: response.status, header, packets };
  }
  unhook();
  return { status: response.status, header, packets: noPackets };
}

/** The problem of a value that is not a readable response; `undefined` for a response. */
function problemOf(response: unknown): string | undefined {
  if (typeof response === "string") return "a text";
  if (typeof response !== "object" || response === null) return String(response);
  const { status, headers, body, type } = response as Partial<Response>;
  if (typeof status !== "number") return "an object without a status";
  if (typeof headers?.get !== "function") return "a response without Headers";
  if (type === "error") return "Response.error()";
  if (body === null) return undefined;
  if (typeof body?.getReader !== "function") return "a response whose body is not a web stream";
  return body.locked ? "a response whose body is read already" : undefined;
}

const noPackets: Packets = { read: async () => undefined, cancel: async () => undefined };

function notBytes(value: unknown): ModelError {
  return new ModelError(
    `The body that the fetch function (options.fetch) returned has a ${typeof value} in it: expected Uint8Array`,
    { kind: "unknown_error", isFinal: true },
  );
}

class WebPackets implements Packets {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #signal: AbortSignal;
  readonly #onEnd: () => void;
  #rejectRead: ((reason: unknown) => void) | undefined;

  /** @param signal - The signal of this request only. */
  constructor(body: ReadableStream<Uint8Array>, signal: AbortSignal, onEnd: () => void) {
    this.#reader = body.getReader();
    this.#signal = signal;
    this.#onEnd = onEnd;
    if (signal.aborted) this.#abort();
    else signal.addEventListener("abort", this.#abort, { once: true });
  }

  async read(): Promise<Uint8Array | undefined> {
    this.#signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    this.#rejectRead = reject;
    try {
      const { value, done } = await Promise.race([this.#reader.read(), aborted]);
      if (done) this.#onEnd();
      else if (!((value as unknown) instanceof Uint8Array)) throw notBytes(value);
      return value;
    } catch (error) {
      this.#onEnd();
      throw this.#signal.aborted ? error : errorOf(error, "The body of options.fetch's response");
    }
  }

  async cancel(): Promise<void> {
    this.#onEnd();
    await this.#reader.cancel();
  }

  readonly #abort = (): void => {
    this.#rejectRead?.(this.#signal.reason);
    void this.#reader.cancel().catch(() => undefined);
  };
}
