import type { OrchestraOptions, SettingsProblem } from "@orchestra/core";

/** Is never sent. Settings with it are valid. */
const placeholder = "this-process-has-no-key";
const keys: ReadonlySet<string> = new Set(["openRouterApiKey", "portkeyApiKey"]);

/** Whether a key is all that is missing. */
export function lacksOnlyKey(problems: readonly SettingsProblem[]): boolean {
  return problems.length > 0 && problems.every(({ option }) => keys.has(option));
}

/** An orchestra that executes a run as far as it needs no model. */
export interface KeylessOrchestra {
  readonly options: Omit<OrchestraOptions, "environment">;
  /** Aborted when a model is asked: the request waits until its run is stopped. */
  readonly keyNeeded: AbortSignal;
}

export function withoutKey(options: KeylessOrchestra["options"]): KeylessOrchestra {
  const needed = new AbortController();
  const waitForAbort: typeof fetch = (_, { signal } = {}) => {
    needed.abort();
    return new Promise((_resolve, reject) => {
      signal?.addEventListener("abort", () => reject(signal.reason as Error), { once: true });
    });
  };
  return {
    options: {
      ...options,
      settings: {
        ...options.settings,
        openRouterApiKey: placeholder,
        portkeyApiKey: placeholder,
      },
      fetch: waitForAbort,
    },
    keyNeeded: needed.signal,
  };
}
