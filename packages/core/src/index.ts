export {
  Agent,
  AgentChain,
  checkQuotations,
  defineRole,
  executor,
  idempotencyKeyOf,
  researcher,
  validator,
  type Citation,
  type Claim,
  type Deliverable,
  type Evidence,
  type ExecutorOptions,
  type Findings,
  type Issue,
  type QuotationSource,
  type ResearcherOptions,
  type ResearchTask,
  type Review,
  type Role,
  type RoleDefinition,
  type ValidatorOptions,
  type Verdict,
} from "./agents/index.ts";
export { systemClock, type Clock } from "./clock/index.ts";
export {
  CallFailedError,
  classify,
  errorKinds,
  FindingsRejectedError,
  InvalidInputError,
  ModelError,
  OrchestraError,
  SettingsError,
  StreamInterruptedError,
  type ErrorCode,
  type ErrorKind,
  type ErrorReason,
  type ModelErrorDetails,
  type SettingsProblem,
} from "./errors/index.ts";
export { MemoryJournal, stepOf, type Journal, type JournalEntry } from "./journal/index.ts";
export {
  AnswerFormat,
  Catalog,
  RoleModel,
  RoleModelWithFallbacks,
  RoleModelWithRetry,
  type AnswerMethod,
  type Candidate,
  type CatalogModel,
  type RoleModelCallOptions,
  type RunConfigurable,
  type Timeouts,
} from "./models/index.ts";
export {
  Orchestra,
  type AgentOptions,
  type OrchestraOptions,
  type RoleModelOptions,
} from "./orchestra.ts";
export {
  parseApprovalDecision,
  researchValidateExecute,
  type ApprovalDecision,
  type ApprovalRequest,
  type PipelineState,
  type ResearchValidateExecuteOptions,
  type ReviewEdit,
} from "./pipelines/index.ts";
export type { BudgetStore } from "./resilience/budget/index.ts";
export { defaultRetryPolicy, type RetryPolicy } from "./resilience/index.ts";
export {
  createRateLimiter,
  tierLimits,
  type RateLimiter,
  type RateLimiterOptions,
  type RateLimiterState,
  type RateLimits,
} from "./resilience/rate-limiter/index.ts";
export {
  createRedactor,
  resolveSettings,
  variables,
  type Environment,
  type FallbackEntry,
  type LogLevel,
  type Settings,
  type SettingsOptions,
} from "./settings/index.ts";
export {
  createLogger,
  describeCall,
  Ledger,
  type AttemptRecord,
  type CallContent,
  type CallRecord,
  type EventListener,
  type LedgerLine,
  type Logger,
  type OrchestraEvent,
  type Usage,
} from "./usage/index.ts";
