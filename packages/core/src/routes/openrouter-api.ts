import type { Clock } from "../clock/index.ts";
import { readBody, redirectError } from "../completions/index.ts";
import { ArgumentError } from "../errors/index.ts";
import { unlessAborted } from "../resilience/index.ts";

export interface OpenRouterApiOptions {
  /** Root of the API. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly clock: Clock;
  /** @defaultValue the global `fetch` */
  readonly fetch?: typeof fetch | undefined;
}

export interface GetOptions {
  /** Longest wait, in milliseconds. */
  readonly timeoutMs: number;
  /** Maximum size of the answer, in bytes. */
  readonly maxBytes: number;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Headers;
  /** The body as JSON; of an error, absent if it is not JSON. */
  readonly body?: unknown;
}

/** What OpenRouter says of the account, its models and its generations. */
export class OpenRouterApi {
  readonly #options: OpenRouterApiOptions;

  constructor(options: OpenRouterApiOptions) {
    if (typeof options?.baseUrl !== "string") {
      throw ArgumentError.of(
        "new OpenRouterApi(): options.baseUrl",
        options?.baseUrl,
        "the root of an API",
      );
    }
    if (typeof options.clock?.after !== "function") {
      throw ArgumentError.of(
        "new OpenRouterApi(): options.clock",
        options.clock,
        "a clock such as systemClock",
      );
    }
    this.#options = options;
  }

  /**
   * Asks for one document. The process may end while it waits.
   *
   * @param path - Such as `/key`.
   * @throws where no answer comes in time, or one that is too large, or none that is JSON; for a
   * redirect, which is not followed
   */
  async get(path: string, { timeoutMs, maxBytes }: GetOptions): Promise<ApiAnswer> {
    const { baseUrl, apiKey, clock, fetch: send = fetch } = this.#options;
    const stop = new AbortController();
    const timeout = () => stop.abort(new Error(`GET ${path} took longer than ${timeoutMs} ms`));
    const cancel = clock.after(timeoutMs, timeout, true);
    try {
      const headers = apiKey ? { Authorization: `Bearer ${apiKey}` } : {};
      const url = `${baseUrl}${path}`;
      const read = async (): Promise<ApiAnswer> => {
        const response = await send(url, { headers, signal: stop.signal, redirect: "manual" });
        const { status, headers: received } = response;
        if (isRedirect(response)) {
          await response.body?.cancel();
          throw redirectError(url, status, received.get("location") ?? response.url);
        }
        const text = await readBody(response, maxBytes, path);
        const body: unknown = response.ok ? JSON.parse(text) : parse(text);
        return { status, headers: received, body };
      };
      return await unlessAborted(read(), stop.signal);
    } finally {
      cancel();
    }
  }
}

function isRedirect({ status, redirected, type }: Response): boolean {
  return redirected || type === "opaqueredirect" || (status >= 300 && status < 400);
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
