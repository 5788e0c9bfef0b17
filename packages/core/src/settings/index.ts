export { fallbackEntrySchema, type FallbackEntry } from "./fallback-entry.ts";
export { isOpenRouter } from "./is-openrouter.ts";
export { createRedactor } from "./redact.ts";
export { resolveSettings, type Environment } from "./resolve-settings.ts";
export type { LogLevel, Settings, SettingsOptions } from "./settings.ts";
export { variables, type Variable } from "./variables.ts";
