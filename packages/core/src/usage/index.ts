export type { AttemptRecord, CallContent, CallRecord, Via } from "./call-record.ts";
export { createEmitEvent, type EmitEvent } from "./emit-event.ts";
export type { EventListener, OrchestraEvent } from "./events.ts";
export { createDefaultLogger } from "./default-logger.ts";
export { createJsonLogger, type JsonLoggerOptions } from "./json-logger.ts";
export { Ledger, type LedgerCorrection, type LedgerKey, type LedgerLine } from "./ledger.ts";
export { logEvent } from "./log-event.ts";
export {
  createLogger,
  describeCall,
  silentLogger,
  type Logger,
  type LoggerOptions,
} from "./logger.ts";
export type { LateUsage, ResponseMetadata } from "./response-metadata.ts";
export { addUsage, noUsage, subtractUsage, type UnknownAttempts, type Usage } from "./usage.ts";
