import type { Variable } from "./variable.ts";
import type { variables } from "./variables.ts";

type Variables = typeof variables;

/**
 * Every setting, resolved: an option given in code, else the environment, else the default.
 * `docs/configuration.md` lists the defaults.
 */
export type Settings = {
  readonly [Name in keyof Variables]: Variables[Name] extends Variable<infer Value> ? Value : never;
};

export type LogLevel = Settings["logLevel"];

/** Settings in code; each has precedence over its environment variable. */
export type SettingsOptions = { readonly [K in keyof Settings]?: Settings[K] | undefined };
