import "./check-node.ts";
export * from "./gateway.ts";
export {
  Agent,
  defineRole,
  executor,
  findingsSchema,
  idempotencyKeyOf,
  researcher,
  reviewSchema,
  validator,
  type AgentChain,
  type Citation,
  type Claim,
  type Deliverable,
  type Evidence,
  type ExecutorOptions,
  type Findings,
  type Issue,
  type FoundQuotation,
  type PartialAnswer,
  type QuotationSource,
  type ResearcherOptions,
  type ResearchTask,
  type Review,
  type Role,
  type RoleDefinition,
  type ValidatorOptions,
  type Verdict,
} from "./agents/index.ts";
export type { AgentOptions } from "./agents/agent-options.ts";
export {
  RoleModel,
  type Fallback,
  type RetryFields,
  type RoleModelCallOptions,
  type RoleModelFields,
  type RoleModelOptions,
  type RoleModelWithFallbacks,
  type RoleModelWithRetry,
} from "./models/index.ts";
export { Orchestra } from "./orchestra.ts";
