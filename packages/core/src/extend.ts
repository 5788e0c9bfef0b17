import "./check-node.ts";
export { ArtifactError } from "./artifacts/artifact-error.ts";
export { artifactsFolderOf } from "./artifacts/artifacts-folder-of.ts";
export * as artifacts from "./artifacts/index.ts";
export { systemClock, type Clock } from "./clock/clock.ts";
export { ArgumentError } from "./errors/argument-error.ts";
export * as names from "./completions/clean-name.ts";
export { asChunks } from "./completions/as-chunks.ts";
export { jsonOf } from "./completions/reading/kept-answers.ts";
export { resolveReference } from "./completions/schemas/resolve-reference.ts";
export { keepMessages } from "./completions/request/kept-json.ts";
export * as providerState from "./completions/request/provider-state.ts";
export { wholeState } from "./completions/tidy-chunks.ts";
export { keyRefusal, modelRefusal, roleRefusal } from "./call/key-access.ts";
export { bounded, quoted } from "./errors/bounded.ts";
export { escapeControls } from "./errors/escape-controls.ts";
export { expected } from "./errors/explain-issue.ts";
export * as issues from "./errors/explain-issue.ts";
export { messageOf } from "./errors/message-of.ts";
export { OrchestraError } from "./errors/orchestra-error.ts";
export * as sentences from "./errors/full-stop.ts";
export * as secrets from "./errors/secrets.ts";
export * as files from "./files/make-folder.ts";
export { checkInput } from "./input/check-input.ts";
export { isObject, type Fields } from "./input/is-object.ts";
export * as json from "./input/to-json.ts";
export * as schemas from "./input/schemas.ts";
export { nodeOf, Recording, type RecordedEntry } from "./journal/recording.ts";
export { parseApprovalDecision } from "./pipelines/approval-decision.ts";
export { runBudgetAdvice } from "./resilience/budget/budget-error.ts";
export * as waits from "./resilience/waits.ts";
export * as modelIds from "./routes/nearest-models.ts";
export { withoutKeyAdvice } from "./settings/contradictions.ts";
export { isOpenRouter } from "./settings/is-openrouter.ts";
export * as keyless from "./settings/keyless.ts";
export { resolvePackageSettings, type PackageVariable } from "./settings/package-settings.ts";
export * as ranges from "./settings/ranges.ts";
export * as readers from "./settings/readers.ts";
export { textOfSetting } from "./settings/text-of-setting.ts";
export {
  settingsSections,
  variableMeanings,
  type SettingsSection,
  type VariableDocs,
} from "./settings/variable-docs.ts";
export { createDefaultLogger } from "./usage/default-logger.ts";
export * as usages from "./usage/usage.ts";
