export type { FallbackEntry } from "./fallback-entry.ts";
export { hideSecrets } from "./hide-secrets.ts";
export { isOpenRouter } from "./is-openrouter.ts";
export { readVariable, type Environment } from "./read-variable.ts";
export { createRedactor } from "./redact.ts";
export { requestWarnings } from "./request-warnings.ts";
export {
  inspectSettings,
  resolveSettings,
  type InspectedSettings,
  type SettingSource,
} from "./resolve-settings.ts";
export { runtimeVariableNames, type RuntimeVariableName } from "./runtime-variables.ts";
export { serverVariableNames, type ServerVariableName } from "./server-variables.ts";
export type { LogLevel, Settings, SettingsOptions } from "./settings.ts";
export { settingMeantBy } from "./setting-meant.ts";
export { settingsWarnings } from "./settings-warnings.ts";
export type { Variable } from "./variable.ts";
export { variables } from "./variables.ts";
export { withOptions } from "./with-options.ts";
