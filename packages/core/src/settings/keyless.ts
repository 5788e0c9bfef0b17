import type { SettingsProblem } from "../errors/settings-error.ts";
import type { SettingsOptions } from "./settings.ts";

/** Never sent. Settings with them are valid. */
const placeholders = {
  openRouterApiKey: "this-process-has-no-key",
  portkeyApiKey: "this-process-has-no-key",
};

/** Whether a key for the models is all that is missing. */
export function lacksOnlyKey(problems: readonly SettingsProblem[]): boolean {
  return problems.length > 0 && problems.every(({ option }) => Object.hasOwn(placeholders, option));
}

interface KeyedOptions {
  readonly settings?: SettingsOptions;
  readonly fetch?: typeof fetch;
}

/**
 * Options of an `Orchestra` in a process that has no key for the models.
 *
 * @param fetch - Called instead of each request.
 */
export function withoutKey<Options extends KeyedOptions>(
  options: Options,
  fetch: typeof globalThis.fetch,
): Options {
  return { ...options, settings: { ...options.settings, ...placeholders }, fetch };
}
