export { Account, type AccountOptions } from "./account.ts";
export { Admission, type AdmissionOptions } from "./admission.ts";
export { AnswerFormat, type AnswerFormatOptions, type Check } from "./answer-format.ts";
export type { AnswerMethod } from "./answer-method.ts";
export type { Candidate } from "./candidate.ts";
export { Catalog, type CatalogModel, type CatalogOptions } from "./catalog.ts";
export { openRouterCandidate, type ModelRequest } from "./openrouter.ts";
export { portkeyFallback, portkeyGatewayRoute, portkeyPrimary } from "./portkey.ts";
export { Reconciler, type ReconcilerOptions } from "./reconciler.ts";
export {
  RoleModel,
  type Delivery,
  type RetryFields,
  type RoleModelCallOptions,
  type RoleModelFields,
} from "./role-model.ts";
export { readConfigurable, type RunConfigurable } from "./run-scope.ts";
export type { CallServices } from "./services.ts";
export { RoleModelWithFallbacks } from "./with-fallbacks.ts";
export { RoleModelWithRetry } from "./with-retry.ts";
