export { ArgumentError } from "./errors/argument-error.ts";
export { quoted } from "./errors/bounded.ts";
export { escapeControls } from "./errors/escape-controls.ts";
export { expected } from "./errors/explain-issue.ts";
export { OrchestraError } from "./errors/orchestra-error.ts";
export { checkInput } from "./input/check-input.ts";
export * as schemas from "./input/schemas.ts";
export {
  settingsSections,
  variableMeanings,
  type SettingsSection,
  type VariableDocs,
} from "./settings/variable-docs.ts";
