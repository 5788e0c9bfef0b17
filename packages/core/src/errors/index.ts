export { ArgumentError } from "./argument-error.ts";
export { CallFailedError } from "./call-failed-error.ts";
export { classify, isUnconnected, toModelError } from "./classify.ts";
export {
  defaultRetryableKinds,
  errorKinds,
  retryableKinds,
  type ErrorKind,
} from "./error-kinds.ts";
export { escapeControls } from "./escape-controls.ts";
export { FindingsRejectedError } from "./findings-rejected-error.ts";
export { ModelError, type ErrorReason, type ModelErrorDetails } from "./model-error.ts";
export { ReplayMissError } from "./replay-miss-error.ts";
export { NoProgressError, type RepeatedCall } from "./no-progress-error.ts";
export { OrchestraError, type ErrorCode } from "./orchestra-error.ts";
export { redactSecrets, registerSecret, registerSecretHeaders, secretPattern } from "./secrets.ts";
export { SettingsError, type SettingsProblem } from "./settings-error.ts";
export { ThrownValueError } from "./thrown-value-error.ts";
export { StreamInterruptedError } from "./stream-interrupted-error.ts";
