import type { Clock } from "../clock/index.ts";
import type { WholeAnswer } from "../completions/index.ts";
import type { Budget } from "../resilience/budget/index.ts";
import type { CircuitBreakers } from "../resilience/circuit-breaker/index.ts";
import type { Coalescer } from "../resilience/coalesce/index.ts";
import type { LatencyTracker } from "../resilience/hedge/index.ts";
import type { FallbackRules } from "../routes/index.ts";
import type { CallRecord } from "../usage/call-record.ts";
import type { EmitEvent } from "../usage/emit-event.ts";
import type { Account } from "./account/account.ts";
import type { OpenRuns } from "./open-runs.ts";
import type { Reconciler } from "./reconciler.ts";

/** A whole answer, and the record of its call. */
export interface CallResult {
  readonly completion: WholeAnswer["completion"];
  readonly record: CallRecord;
}

/** Shared services of all model calls of an `Orchestra`. */
export interface CallServices {
  readonly clock: Clock;
  /** Uniform in [0, 1). */
  readonly random: () => number;
  readonly createId: () => string;
  readonly emit: EmitEvent;
  /** Whether a listener of all runs receives the text of answers as it arrives. @defaultValue `true` */
  readonly emitsText?: boolean | undefined;
  /** Whether records contain prompts and answers. */
  readonly keepsContent: boolean;
  readonly fallbackRules: FallbackRules;
  /** Limits of the tools of agents: see `LLM_TOOL_TIMEOUT` and `LLM_MAX_TOOL_RESULT`. */
  readonly toolLimits: {
    readonly clock: Clock;
    readonly timeoutMs: number;
    readonly maxResult: number;
    readonly redact: (text: string) => string;
  };
  readonly account: Account;
  /** Not called for calls without a budget. */
  readonly budget?: Budget | undefined;
  /** Present if runs may have budgets. */
  readonly openRuns?: OpenRuns | undefined;
  /** Whether a budget is in dollars, so that prices must be known. */
  readonly needsPrices: boolean;
  /** Whether tokens per minute are limited. */
  readonly countsTokens: boolean;
  readonly breakers: CircuitBreakers;
  readonly reconciler: Reconciler;
  /** The latencies of each role's requests; absent if hedging does not need them. */
  readonly latencies?: LatencyTracker | undefined;
  /** When a second request is sent if the first is slow, in milliseconds, or at the role's own p95. @defaultValue never */
  readonly hedgeAfterMs?: number | "p95" | undefined;
  /** Sends identical calls in flight once. @defaultValue each is sent */
  readonly coalescer?: Coalescer<CallResult> | undefined;
  /** Maximum requests of one call. @defaultValue no limit */
  readonly maxAttempts?: number | undefined;
  /**
   * The listed ids that are nearest to an unknown one; none if the server lists no models. Loads the list if
   * it is not loaded yet.
   *
   * @param isDocumentModel - Whether it is an embedding or rerank model.
   */
  readonly nearestModels: (id: string, isDocumentModel: boolean) => Promise<readonly string[]>;
  /** `TRACE_ID`, for every run. */
  readonly traceId?: string | undefined;
}
