export {
  RunStore,
  type ListRunsOptions,
  type LockedRun,
  type NewRun,
  type RunPage,
} from "./run-store.ts";
export { toRun, type Decision, type Fork, type RunRow } from "./run-row.ts";
export type { RunChanges } from "./run-changes.ts";
export {
  endedStatuses,
  hasEnded,
  runStatuses,
  type Run,
  type RunFailure,
  type RunStatus,
  type RunUsage,
  type Waiting,
} from "./run.ts";
