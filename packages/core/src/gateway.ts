import "./check-node.ts";
export { systemClock, type Clock } from "./clock/index.ts";
export {
  limitsAllRequests,
  limitsFreeModels,
  onRequestEnd,
  policies,
  type Account,
  type Attempt,
  type CallContext,
  type CallKey,
  type CallServices,
  type Policy,
  type Send,
  type Timeouts,
} from "./call/index.ts";
export type {
  Answer,
  ChatRequest,
  Completion,
  CompletionChunk,
  CompletionRequest,
  EndHandler,
  ProviderRouting,
  RankedDocument,
  RequestEnd,
  RequestFields,
  StructuredOutputMethod,
  WireMessage,
  WireTool,
} from "./completions/index.ts";
export {
  ArgumentError,
  CallFailedError,
  escapeControls,
  FindingsRejectedError,
  ModelError,
  NoProgressError,
  ThrownValueError,
  OrchestraError,
  registerSecret,
  SettingsError,
  StreamInterruptedError,
  type ErrorCode,
  type ErrorKind,
  type ErrorReason,
  type ModelErrorDetails,
  type RepeatedCall,
  type SettingsProblem,
} from "./errors/index.ts";
export {
  createJournal,
  MemoryJournal,
  type Journal,
  type JournalClaim,
  type JournalEntry,
  type JournalSlot,
  type JournalStore,
  type RequestOutline,
} from "./journal/index.ts";
export { Gateway } from "./gateway/gateway.ts";
export { Completions, type CompletionOptions } from "./gateway/completions.ts";
export type { DocumentCallOptions } from "./gateway/document-calls.ts";
export type { Embeddings, EmbeddingsRequest, EmbeddingsResult } from "./gateway/embeddings.ts";
export type { OrchestraOptions } from "./gateway/orchestra-options.ts";
export type { Rerank, RerankRequest, RerankResult } from "./gateway/rerank.ts";
export type { RoleConfig } from "./gateway/role-config.ts";
export type { RunConfigurable } from "./gateway/call-options.ts";
export { runIdOf } from "./gateway/call-options.ts";
export type { BudgetStore, KeyBudget } from "./resilience/budget/index.ts";
export type { CircuitStatus } from "./resilience/circuit-breaker/index.ts";
export type { RetryPolicy } from "./resilience/index.ts";
export {
  createRateLimiter,
  readTier,
  type AccountReading,
  type AcquireOptions,
  type RateLimiter,
  type RateLimiterOptions,
  type RateLimiterState,
  type RateLimits,
  type Refusal,
  type Slot,
} from "./resilience/rate-limiter/index.ts";
export {
  findModel,
  OpenRouterApi,
  readCatalog,
  type ApiAnswer,
  type CatalogModel,
  type ModelInfo,
  type OpenRouterApiOptions,
  type Route,
} from "./routes/index.ts";
export {
  createRedactor,
  hideSecrets,
  inspectSettings,
  readVariable,
  resolveSettings,
  runtimeVariableNames,
  serverVariableNames,
  settingsWarnings,
  variables,
  type Environment,
  type FallbackEntry,
  type InspectedSettings,
  type LogLevel,
  type RuntimeVariableName,
  type ServerVariableName,
  type SettingSource,
  type Settings,
  type SettingsOptions,
  type Variable,
} from "./settings/index.ts";
export {
  createJsonLogger,
  createLogger,
  Ledger,
  type AttemptRecord,
  type CallContent,
  type CallRecord,
  type EventListener,
  type LedgerCorrection,
  type LedgerKey,
  type LedgerLine,
  type JsonLoggerOptions,
  type Logger,
  type LoggerOptions,
  type OrchestraEvent,
  type ResponseMetadata,
  type UnknownAttempts,
  type Usage,
  type Via,
} from "./usage/index.ts";
