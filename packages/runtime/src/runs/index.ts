export { runFormat } from "./run-format.ts";
export { RunStore, type LockedRun, type NewRun, type Takeover, type Written } from "./run-store.ts";
export { toRun, type Fork, type RunRow } from "./run-row.ts";
export {
  cancelled,
  ended,
  failed,
  handedBack,
  pastDeadline,
  waitingFor,
  workerLost,
  type End,
} from "./end.ts";
export {
  hasEnded,
  isApproval,
  openQuestions,
  runStatuses,
  type ForkOrigin,
  type OpenInterrupt,
  type Run,
  type RunFailure,
  type RunStatus,
  type RunUsage,
  type Waiting,
} from "./run.ts";
export { emptyBatch, noUsage, type Batch, type Claim } from "./batch.ts";
export { deleteCheckpoints, deleteOutdatedRuns, deleteRun } from "./delete-runs.ts";
export { countByStatus, countLoad, type QueueLoad } from "./count-runs.ts";
export { tidyPartitions } from "./partitions.ts";
export {
  listRunIds,
  listRuns,
  type ListIdsOptions,
  type ListRunsOptions,
  type RunFilter,
  type RunPage,
} from "./list-runs.ts";
