export {
  mergeRequestFields,
  readConfigurable,
  runIdOf,
  type RoleModelCallOptions,
  type RunConfigurable,
} from "./call-options.ts";
export { Completions, type CompletionOptions } from "./completions.ts";
export { checkRoleModelOptions, createRoleModel } from "./create-role-model.ts";
export type { DocumentCallOptions } from "./document-calls.ts";
export type { Embeddings, EmbeddingsRequest, EmbeddingsResult } from "./embeddings.ts";
export type { Rerank, RerankRequest, RerankResult } from "./rerank.ts";
export type { RoleModelOptions } from "./role-model-options.ts";
export { OutputSchemaParser } from "./output-schema-parser.ts";
export type { RetryFields, RoleConfig } from "./role-config.ts";
export { RoleModel, type RoleModelFields } from "./role-model.ts";
export { RoleModelWithFallbacks, type Fallback } from "./with-fallbacks.ts";
export { RoleModelWithRetry } from "./with-retry.ts";
