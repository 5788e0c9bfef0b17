export { Account } from "./account.ts";
export { AnswerFormat, type AnswerFormatOptions, type Check } from "./answer-format.ts";
export type { AnswerMethod } from "./answer-method.ts";
export type { Candidate } from "./candidate.ts";
export { Catalog, type CatalogModel } from "./catalog.ts";
export { createRoleModel } from "./create-role-model.ts";
export { createServices } from "./create-services.ts";
export {
  RoleModel,
  type Delivery,
  type RetryFields,
  type RoleModelCallOptions,
  type RoleModelFields,
} from "./role-model.ts";
export { readConfigurable, type RunConfigurable } from "./run-scope.ts";
export type { Timeouts } from "./timeouts.ts";
export type { CallServices } from "./services.ts";
export { RoleModelWithFallbacks } from "./with-fallbacks.ts";
export { RoleModelWithRetry } from "./with-retry.ts";
