import "@orchestra/core/extend"; // First: it checks the version of Node.js.
export {
  DatabaseError,
  databaseProblemOf,
  describeConnectionUrl,
  isRightsError,
  isOutage,
  NotificationsError,
  openDatabase,
  outlastOutages,
  type AppliedMigration,
  type Database,
  type DatabaseBackend,
  type DatabaseProblem,
  type MigrationInfo,
  type OpenDatabaseOptions,
  type Query,
  type Transaction,
} from "./database/index.ts";
export type { RunArtifact } from "./artifacts/index.ts";
export { inspectDatabase, type DatabaseInspection } from "./inspection/inspect-database.ts";
export type { LibraryTables } from "./inspection/library-tables.ts";
export { migrateDatabase, openRuntime } from "./open-runtime.ts";
export type {
  ComparedStep,
  RunComparison,
  StepFigures,
  StepTotals,
} from "./reading/compare-runs.ts";
export type { ExportedEntry, RunExport } from "./reading/export-run.ts";
export type { ForkOptions } from "./control/fork-control.ts";
export type { ResumeOptions, RetryOptions } from "./control/run-control.ts";
export type { StartOptions } from "./control/start-run.ts";
export {
  ArtifactsFolderError,
  IdempotencyError,
  JournalFormatError,
  PayloadTooLargeError,
  RunNotFoundError,
  RunStateError,
  RuntimeClosedError,
  UnknownPipelineError,
} from "./errors/index.ts";
export type {
  FollowOptions,
  LifecycleEvent,
  LiveEvent,
  RunEvent,
  StoredEvent,
} from "./events/index.ts";
export {
  accountOf,
  PostgresBudgetStore,
  PostgresRateLimiter,
  type PostgresBudgetStoreOptions,
  type PostgresRateLimiterOptions,
} from "./limits/index.ts";
export {
  ApiKeys,
  KeyError,
  keyScopes,
  type ApiKey,
  type CreatedKey,
  type CreateKeyOptions,
  type KeyLimits,
  type KeyRing,
  type KeyScope,
} from "./keys/index.ts";
export { definePipeline, type Pipeline, type PipelineContext } from "./pipelines/index.ts";
export {
  hasEnded,
  runStatuses,
  type ListIdsOptions,
  type ListRunsOptions,
  type ForkOrigin,
  type OpenInterrupt,
  type QueueLoad,
  type Run,
  type RunFailure,
  type RunFilter,
  type RunPage,
  type RunStatus,
  type Waiting,
} from "./runs/index.ts";
export type { UsageKey, UsageLine, UsageOptions } from "./usage/index.ts";
export { Runtime } from "./runtime.ts";
export type { DecideOptions, GetOptions, RuntimeOptions } from "./runtime-options.ts";
export {
  resolveRuntimeSettings,
  runtimeVariables,
  type RuntimeSettings,
} from "./runtime-settings.ts";
export type { Schedule, ScheduleOptions } from "./control/schedules.ts";
export type { WorkerHealth } from "./worker/worker-health.ts";
export type { Worker, WorkerOptions } from "./worker/worker.ts";
