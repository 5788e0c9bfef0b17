import type { Clock } from "../clock/index.ts";
import { unlessAborted } from "../resilience/index.ts";

export interface OpenRouterApiOptions {
  /** Root of the API. */
  readonly baseUrl: string;
  readonly apiKey: string | undefined;
  readonly clock: Clock;
  /** @defaultValue the global `fetch` */
  readonly fetch?: typeof fetch | undefined;
}

/** What OpenRouter says of the account, its models and its generations. */
export class OpenRouterApi {
  readonly #options: OpenRouterApiOptions;

  constructor(options: OpenRouterApiOptions) {
    this.#options = options;
  }

  /**
   * Asks for one document.
   *
   * @param path - Such as `/key`.
   * @param timeoutMs - Longest wait, in milliseconds.
   * @returns the body as JSON; `undefined` for an error status
   * @throws where no answer comes in time, or none that is JSON
   */
  async get(path: string, timeoutMs: number): Promise<unknown> {
    const { baseUrl, apiKey, clock, fetch: send = fetch } = this.#options;
    const stop = new AbortController();
    const timeout = () => stop.abort(new Error(`GET ${path} took longer than ${timeoutMs} ms`));
    const cancel = clock.after(timeoutMs, timeout, true);
    try {
      const headers = apiKey ? { Authorization: `Bearer ${apiKey}` } : {};
      const read = async (): Promise<unknown> => {
        const response = await send(`${baseUrl}${path}`, { headers, signal: stop.signal });
        if (response.ok) return response.json();
        await response.body?.cancel();
        return undefined;
      };
      return await unlessAborted(read(), stop.signal);
    } finally {
      cancel();
    }
  }
}
