import type { ErrorKind } from "../errors/error-kinds.ts";
import type { UnknownAttempts, Usage } from "./usage.ts";

/** The way that a request takes; `direct` for a chat model of another kind among the fallbacks. */
export type Via = "openrouter" | "portkey" | "direct";

/** A record while it is assembled, field by field: spreads within an object take longer than all its fields. */
export type Growing<Record> = { -readonly [Field in keyof Record]: Record[Field] };

/** One HTTP request of a call. */
export interface AttemptRecord extends Usage {
  /** 1 for the first request of the call. */
  readonly number: number;
  /** Requested model. */
  readonly model: string;
  readonly via: Via;
  /** Provider that served, as OpenRouter named it, or the gateway's target. */
  readonly provider?: string | undefined;
  /** OpenRouter's id of the generation, for `GET /generation`. */
  readonly generationId?: string | undefined;
  /** Whether the request asked the model to correct its answer. */
  readonly repair?: true;
  /** Changes of the request that earlier refusals of this route have caused. */
  readonly adapted?: readonly string[];
  /** HTTP status, if there was an answer. */
  readonly status?: number | undefined;
  /** How long the call waited before this request, in milliseconds. */
  readonly waitedMs: number;
  /** How long the account's rate limits delayed this request after that, in milliseconds. */
  readonly rateLimitedMs: number;
  /** Whether the cost was computed from the catalog's prices, because the provider reported none. */
  readonly costIsEstimate?: true;
  /**
   * True where the response had begun, and did not say what it used: the numbers are then 0, and budgets
   * book the estimate. A `reconcile` event corrects both, where the server says later what it used.
   */
  readonly usageIsUnknown?: true;
  /**
   * True where neither the server nor the catalog says what the request cost; `costUsd` is then 0. A
   * `reconcile` event corrects it, where the cost is known later.
   */
  readonly costIsUnknown?: true;
  readonly durationMs: number;
  readonly timeToFirstTokenMs?: number | undefined;
  /** Absent for an attempt that succeeded. */
  readonly error?: { readonly kind: ErrorKind; readonly message: string };
}

/**
 * One model call with all its retries and fallbacks. Its usage is the sum of its attempts; the counts of
 * attempts that are missing in it are absent where none is.
 */
export interface CallRecord extends Usage, Partial<UnknownAttempts> {
  readonly id: string;
  readonly runId: string;
  readonly traceId: string;
  readonly role: string;
  /** The client's key that the call was made for, if it was made by a server. */
  readonly key?: { readonly id: string; readonly name: string };
  /** The end user that the run or the request names as `user`: without secrets, 256 characters at most. */
  readonly user?: string;
  readonly status: "succeeded" | "failed" | "aborted";
  /** Requested model. */
  readonly model: string;
  /** Model that answered, by the provider's name. */
  readonly servedModel?: string | undefined;
  /** Provider that answered. */
  readonly provider?: string | undefined;
  readonly via?: Via | undefined;
  readonly fallbackUsed: boolean;
  /** Why the answer ended: `stop`, `tool_calls`, `length` for one that was cut off by `max_tokens`, … */
  readonly finishReason?: string | undefined;
  /** When the call began, as ISO 8601. */
  readonly startedAt: string;
  readonly durationMs: number;
  /** From the start of the call to the first token that the winning attempt produced. */
  readonly timeToFirstTokenMs?: number | undefined;
  readonly attempts: readonly AttemptRecord[];
  /** Models that were passed over, because their circuits were open. */
  readonly skipped?: readonly string[];
  /** Absent for a call that succeeded. */
  readonly error?: {
    readonly kind: ErrorKind;
    readonly message: string;
    /** What the program or its operator can change. */
    readonly advice?: string;
  };
  /** Prompt and answer; absent unless `LOG_PROMPTS` is on. */
  readonly content?: CallContent;
}

/** When a call began, and whose it is. */
export type CallOrigin = Pick<CallRecord, "startedAt" | "key" | "user">;

/** Prompt and answer of a call; only kept with `LOG_PROMPTS`. */
export interface CallContent {
  readonly prompt: readonly { readonly role: string; readonly text: string }[];
  /** Absent for a call that failed. */
  readonly completion?: string | undefined;
}
