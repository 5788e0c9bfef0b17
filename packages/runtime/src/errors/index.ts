export { ArtifactsFolderError } from "./artifacts-folder-error.ts";
export { IdempotencyError } from "./idempotency-error.ts";
export { JournalFormatError } from "./journal-format-error.ts";
export { PayloadTooLargeError } from "./payload-too-large-error.ts";
export { RunNotFoundError } from "./run-not-found-error.ts";
export { describeStatus, RunStateError } from "./run-state-error.ts";
export { RuntimeClosedError } from "./runtime-closed-error.ts";
export { UnknownPipelineError } from "./unknown-pipeline-error.ts";
