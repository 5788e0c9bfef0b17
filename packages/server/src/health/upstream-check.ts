import { ModelError, OpenRouterApi, systemClock } from "@orchestra/core/gateway";
import type { Gateway } from "@orchestra/core";
import type { Check } from "./check.ts";
import { CachedState } from "./cached-state.ts";

const timeoutMs = 3000;
const maxAgeMs = 5000;
const maxBytes = 64 * 2 ** 10;

/** Checks whether the model server answers, at most once in five seconds. */
export class UpstreamCheck {
  readonly #api: OpenRouterApi;
  readonly #state = new CachedState(maxAgeMs, () => this.#read());

  constructor({ settings }: Gateway) {
    const { baseUrl, openRouterApiKey: apiKey } = settings;
    this.#api = new OpenRouterApi({ baseUrl, apiKey, clock: systemClock });
  }

  state(): Promise<Check> {
    return this.#state.get();
  }

  async #read(): Promise<Check> {
    try {
      // The smallest document of OpenRouter. A server without it answers with an error, and is available.
      const { status } = await this.#api.get("/key", { timeoutMs, maxBytes });
      if (status === 401 || status === 403) return failed(`the key was refused (HTTP ${status})`);
      return status >= 500 ? failed(`HTTP ${status}`) : { ok: true };
    } catch (error) {
      if (!ModelError.isInstance(error)) return failed(reasonOf(error));
      // An answer that is not JSON counts too.
      return error.kind === "invalid_response_error" ? { ok: true } : failed(error.kind);
    }
  }
}

function failed(reason: string): Check {
  return { ok: false, reason };
}

/** Probes need no key, so they do not get the address of the server. */
function reasonOf(error: unknown): string {
  const { name, code } = error as NodeJS.ErrnoException;
  if (name === "TimeoutError") return `no answer within ${timeoutMs} ms`;
  return code === undefined ? "not reached" : `not reached (${code})`;
}
