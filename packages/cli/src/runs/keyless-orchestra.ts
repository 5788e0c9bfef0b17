import type { OrchestraOptions } from "@orchestra/core";
import { keyless } from "@orchestra/core/extend";

type Options = Omit<OrchestraOptions, "environment">;

/** Options of an orchestra without a key. It executes a run up to its first model call. */
export interface KeylessOrchestra {
  readonly options: Options;
  /** Aborts when a model is called. The request waits until its run is stopped. */
  readonly keyNeeded: AbortSignal;
}

/** Creates the options of an orchestra without a key, from those of the config. */
export function createKeylessOrchestra(options: Options): KeylessOrchestra {
  const needed = new AbortController();
  const waitForAbort: typeof fetch = (_, { signal } = {}) => {
    needed.abort();
    return new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
  };
  return { options: keyless.withoutKey(options, waitForAbort), keyNeeded: needed.signal };
}
