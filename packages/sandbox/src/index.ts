import "./check-node.ts";
export { startSandbox, type Sandbox } from "./sandbox.ts";
export type { LatencyOptions, SandboxOptions } from "./options.ts";
export type { LimitOptions, Tier } from "./account/limits.ts";
export type { Books } from "./books/books.ts";
export type { BookEntry, BookTotals } from "./books/entry.ts";
export type {
  BrokenAnswerFault,
  Fault,
  FaultName,
  FaultScript,
  PlainFault,
  RefusalFault,
  ScriptedFault,
  SlowFault,
  StatusFault,
} from "./faults/fault.ts";
export type { RefusalName } from "./faults/refusals.ts";
export { FAULT_MODELS, FAULT_NAMES, parseFaultName } from "./faults/fault-models.ts";
export { DIALECTS } from "./dialects/dialects.ts";
export { dialectModel, type Dialect } from "./dialects/dialect.ts";
export { CATALOG, EXTRACTIVE_MODEL } from "./catalog/catalog.ts";
export type { Model, Prices } from "./catalog/model.ts";
