export type { AttemptRecord, CallContent, CallRecord, Usage, Via } from "./call-record.ts";
export type { EventListener, OrchestraEvent } from "./events.ts";
export { Ledger, type LedgerCorrection, type LedgerKey, type LedgerLine } from "./ledger.ts";
export { logEvent } from "./log-event.ts";
export {
  createLogger,
  describeCall,
  silentLogger,
  type Logger,
  type LoggerOptions,
} from "./logger.ts";
