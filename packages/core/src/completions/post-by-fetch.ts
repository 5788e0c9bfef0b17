import { unlessAborted } from "../resilience/index.ts";
import { redirectError } from "./redirect.ts";
import type { HttpResponse, Packets, PostRequest } from "./http.ts";

/**
 * Sends a request by the user's own `fetch`, which may ignore the signal, and follow redirects though
 * it is told not to.
 */
export async function postByFetch(
  send: typeof fetch,
  { url, headers, body, signal }: PostRequest,
): Promise<HttpResponse> {
  signal.throwIfAborted();
  const sent = send(url, { method: "POST", headers, body, signal, redirect: "manual" });
  const response = await unlessAborted(sent, signal).catch((error: unknown) => {
    // A response that comes after the abort would keep its connection.
    void sent.then((late) => late.body?.cancel()).catch(() => undefined);
    throw error;
  });
  if (response.redirected || response.type === "opaqueredirect") {
    await response.body?.cancel();
    throw redirectError(url, response.status, response.url || undefined);
  }
  const header = (name: string) => response.headers.get(name) ?? undefined;
  const packets = response.body ? new WebPackets(response.body, signal) : noPackets;
  return { status: response.status, header, packets };
}

const noPackets: Packets = { read: async () => undefined, cancel: async () => undefined };

class WebPackets implements Packets {
  readonly #reader: ReadableStreamDefaultReader<Uint8Array>;
  readonly #signal: AbortSignal;
  #rejectRead: ((reason: unknown) => void) | undefined;

  constructor(body: ReadableStream<Uint8Array>, signal: AbortSignal) {
    this.#reader = body.getReader();
    this.#signal = signal;
    signal.addEventListener("abort", this.#abort, { once: true });
  }

  async read(): Promise<Uint8Array | undefined> {
    this.#signal.throwIfAborted();
    const { promise: aborted, reject } = Promise.withResolvers<never>();
    this.#rejectRead = reject;
    const { value, done } = await Promise.race([this.#reader.read(), aborted]);
    if (done) this.#unhook();
    return value;
  }

  async cancel(): Promise<void> {
    this.#unhook();
    await this.#reader.cancel();
  }

  #unhook(): void {
    this.#signal.removeEventListener("abort", this.#abort);
  }

  readonly #abort = (): void => {
    this.#rejectRead?.(this.#signal.reason);
    void this.#reader.cancel().catch(() => undefined);
  };
}
