import type { CircuitBreakers } from "../resilience/circuit-breaker/index.ts";
import type { Admission } from "./admission.ts";
import type { Clock } from "../clock/index.ts";
import type { CallRecord } from "../usage/call-record.ts";
import type { TakeOverOptions } from "./take-over.ts";
import type { EventListener } from "../usage/events.ts";

/** What every model call needs from the orchestra it belongs to. */
export interface CallServices {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly createId: () => string;
  /** Receives the record of each call when it has ended, well or not. */
  readonly record: (record: CallRecord) => void;
  readonly onEvent: EventListener;
  /** Whether records hold prompts and answers. */
  readonly keepsContent: boolean;
  readonly takeOver: TakeOverOptions;
  readonly admission: Admission;
  readonly breakers: CircuitBreakers;
  /** Requests that one call may make. @defaultValue no limit */
  readonly maxAttempts?: number | undefined;
  /** `TRACE_ID`, for every run. */
  readonly traceId?: string | undefined;
}
