import type { Clock } from "../clock/index.ts";
import { defaultLimits, parseJson, post, readBody } from "../completions/index.ts";
import { ArgumentError, ModelError } from "../errors/index.ts";
import { unlessAborted } from "../resilience/index.ts";

export interface OpenRouterApiOptions {
  /** Root of the API. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly clock: Clock;
  /** @defaultValue undici, as for completions */
  readonly fetch?: typeof fetch | undefined;
}

export interface GetOptions {
  /** Longest wait, in milliseconds. */
  readonly timeoutMs: number;
  /** Maximum size of the answer, in bytes. */
  readonly maxBytes: number;
  /** The variable that sets `maxBytes`, for the error. */
  readonly setting?: string;
  readonly signal?: AbortSignal | undefined;
}

export interface ApiAnswer {
  readonly status: number;
  readonly headers: Pick<Headers, "get">;
  /** The body as JSON; of an error, absent if it is not JSON. */
  readonly body?: unknown;
}

/** OpenRouter's data of the account, its models and its generations. */
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
   * Requests one document. The process may end while it waits.
   *
   * @param path - Such as `/key`.
   * @throws a `TimeoutError` if there is no answer in time; an error for an answer that is too large or is not JSON,
   * and for a redirect, which is not followed; the signal's reason on an abort
   */
  async get(path: string, options: GetOptions): Promise<ApiAnswer> {
    const { timeoutMs, maxBytes, setting, signal } = options;
    const { baseUrl, apiKey, clock, fetch } = this.#options;
    const stop = new AbortController();
    const late = `GET ${path} took longer than ${timeoutMs} ms`;
    const timeout = () => stop.abort(new DOMException(late, "TimeoutError"));
    const cancel = clock.after(timeoutMs, timeout, true);
    const stopped = signal ? AbortSignal.any([stop.signal, signal]) : stop.signal;
    try {
      const headers = apiKey ? { Authorization: `Bearer ${apiKey}` } : {};
      const limits = { ...defaultLimits, answer: maxBytes };
      const endpoint = { url: `${baseUrl}${path}`, headers, fetch, limits };
      const read = async (): Promise<ApiAnswer> => {
        const response = await post(endpoint, null, undefined, stopped);
        const received = { get: (name: string) => response.header(name.toLowerCase()) ?? null };
        const text = await readBody(response, maxBytes, path, setting);
        const { status } = response;
        const parsed = parseJson(text);
        const body = await (status < 300 ? parsed : parsed.catch(() => undefined));
        return { status, headers: received, body };
      };
      return await unlessAborted(read(), stopped);
    } catch (error) {
      const isConnection = ModelError.isInstance(error) && error.kind === "connection_error";
      throw isConnection ? error.cause : error;
    } finally {
      cancel();
    }
  }
}
