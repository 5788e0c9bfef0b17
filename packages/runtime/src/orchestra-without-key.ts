import { Orchestra, SettingsError, type SettingsProblem } from "@orchestra/core";
import type { RuntimeOptions } from "./runtime-options.ts";

const keys: readonly SettingsProblem["option"][] = ["openRouterApiKey", "portkeyApiKey"];
/** Is never sent. Settings with it are valid. */
const placeholder = "this-process-has-no-key";

/** Whether a key for the models is missing. */
export function lacksKey(problems: readonly SettingsProblem[]): boolean {
  return problems.some(({ option }) => keys.includes(option));
}

/**
 * An orchestra for a process that has no key for the models, and executes no runs. Pipelines are made with it
 * to look at the steps of their graphs. Each call of a model fails with the problems of the settings.
 *
 * @throws {SettingsError} where settings other than the keys are wrong
 */
export function orchestraWithoutKey(
  { orchestra, environment }: Pick<RuntimeOptions, "orchestra" | "environment">,
  problems: readonly SettingsProblem[],
): Orchestra {
  return new Orchestra({
    ...orchestra,
    ...(environment ? { environment } : {}),
    settings: {
      ...orchestra?.settings,
      openRouterApiKey: placeholder,
      portkeyApiKey: placeholder,
    },
    fetch: () => Promise.reject(new SettingsError(problems)),
  });
}
