import { SettingsError } from "../../errors/settings-error.ts";
import { resolveSettings, type Environment, type SettingsOptions } from "../index.ts";

export const key = { OPENROUTER_API_KEY: "sk-or-v1-0123456789" };

/** Settings of an environment that also has a key. */
export const resolved = (environment: Environment, options: SettingsOptions = {}) =>
  resolveSettings(options, { ...key, ...environment });

export function refusal(options: SettingsOptions, environment: Environment): SettingsError {
  try {
    resolveSettings(options, environment);
  } catch (error) {
    if (SettingsError.isInstance(error)) return error;
    throw error;
  }
  throw new Error("The settings were accepted");
}

export const refused = (environment: Environment, options: SettingsOptions = {}) =>
  refusal(options, { ...key, ...environment });
