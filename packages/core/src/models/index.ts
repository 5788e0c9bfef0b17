export type { RoleModelCallOptions } from "../gateway/call-options.ts";
export { checkRoleModelOptions, createRoleModel } from "./create-role-model.ts";
export type { RetryFields, RoleModelOptions } from "./role-model-options.ts";
export { OutputSchemaParser } from "./output-schema-parser.ts";
export { RoleModel, type RoleModelFields } from "./role-model.ts";
export { RoleModelWithFallbacks, type Fallback } from "./with-fallbacks.ts";
export { RoleModelWithRetry } from "./with-retry.ts";
