import type { Clock } from "../clock/index.ts";
import type { CircuitBreakers } from "../resilience/circuit-breaker/index.ts";
import type { Coalescer } from "../resilience/coalesce/index.ts";
import type { LatencyTracker } from "../resilience/hedge/index.ts";
import type { CallRecord } from "../usage/call-record.ts";
import type { EventListener } from "../usage/events.ts";
import type { LedgerCorrection } from "../usage/ledger.ts";
import type { Admission } from "./admission.ts";
import type { Answer } from "./answer-once.ts";
import type { Reconciler } from "./reconciler.ts";
import type { TakeOverOptions } from "./take-over.ts";

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
  readonly reconciler: Reconciler;
  /** Receives what an attempt turned out to have cost after its call was recorded. */
  readonly correct: (correction: LedgerCorrection) => void;
  /** How long each role's requests take. */
  readonly latencies: LatencyTracker;
  /** When a second request races a slow one, in milliseconds, or at the role's own p95. @defaultValue never */
  readonly hedgeAfterMs?: number | "p95" | undefined;
  /** Sends identical calls in flight once. @defaultValue each is sent */
  readonly coalescer?: Coalescer<Answer> | undefined;
  /** Requests that one call may make. @defaultValue no limit */
  readonly maxAttempts?: number | undefined;
  /** `TRACE_ID`, for every run. */
  readonly traceId?: string | undefined;
}
