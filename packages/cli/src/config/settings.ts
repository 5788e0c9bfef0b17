import {
  resolveSettings,
  SettingsError,
  type Environment,
  type Settings,
  type SettingsProblem,
} from "@orchestra/core/gateway";
import { resolveRuntimeSettings, type RuntimeSettings } from "@orchestra/runtime";
import type { OrchestraConfig } from "./config.ts";

/** The settings of the models and of the runtime. */
export interface ResolvedConfigSettings {
  readonly models: Settings;
  readonly runtime: RuntimeSettings;
}

/**
 * Resolves the settings of the models and of the runtime, from a config and the environment.
 *
 * @throws {SettingsError} with the problems of both
 */
export function resolveConfigSettings(
  { orchestra, settings }: OrchestraConfig,
  environment: Environment,
): ResolvedConfigSettings {
  const problems: SettingsProblem[] = [];
  const collecting = <T>(resolve: () => T): T | undefined => {
    try {
      return resolve();
    } catch (error) {
      if (!SettingsError.isInstance(error)) throw error;
      problems.push(...error.problems);
      return undefined;
    }
  };
  const models = collecting(() => resolveSettings(orchestra?.settings, environment));
  const runtime = collecting(() => resolveRuntimeSettings(settings, environment));
  if (!models || !runtime) throw new SettingsError(problems);
  return { models, runtime };
}
